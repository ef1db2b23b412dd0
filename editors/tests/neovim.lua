-- Neovim, set up by the lines of editors/README.md: nvim --headless -u INIT -S neovim.lua
--
-- WORKSPACE is a copy of examples/invoice that may be changed, PARSER the library of the grammar for tree-sitter.

local workspace, parser = vim.env.WORKSPACE, vim.env.PARSER
local passed = 0

local function fail(what, ...)
  io.stderr:write("neovim: " .. what .. "\n" .. vim.inspect({ ... }) .. "\n")
  vim.cmd("cquit 1")
end

local function check(what, good, ...)
  if not good then
    fail("not so: " .. what, ...)
  end
  passed = passed + 1
end

--- Waits until `condition` gives something, and gives it back.
local function wait(what, condition)
  local found
  vim.wait(20000, function()
    found = condition()
    return found
  end, 20)
  if not found then
    fail("never came: " .. what, vim.diagnostic.get(0))
  end
  return found
end

local script = workspace .. "/rules.flow"
local text = table.concat(vim.fn.readfile(script), "\n")
vim.fn.writefile(vim.split((text:gsub('stage "Invoice"', 'stage "Invoce"', 1)), "\n"), script)
vim.cmd.edit(script)
check("the kind of file", vim.bo.filetype == "flow", vim.bo.filetype)
local client = wait("the language server", function()
  return vim.lsp.get_clients({ bufnr = 0, name = "dealflow" })[1]
end)

local function line_with(words)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(words, 1, true)
    if column then
      return number - 1, column - 1, line
    end
  end
  fail("no line with " .. words)
end

-- The mistake is shown, at its place, with its code.
local mistake = wait("the diagnostic", function()
  return vim.diagnostic.get(0)[1]
end)
local row, column = line_with('"Invoce"')
check("the code", mistake.code == "E0203", mistake)
check("the place", mistake.lnum == row and mistake.col == column and mistake.end_col == column + 8, mistake)
check("the message", mistake.message:find("Invoce", 1, true) and mistake.message:find("Invoice", 1, true), mistake)

-- The quick fix mends it.
vim.api.nvim_win_set_cursor(0, { row + 1, column + 1 })
vim.lsp.buf.code_action({ context = { only = { "quickfix" } }, apply = true, filter = function(action)
  return action.isPreferred
end })
wait("the quick fix", function()
  return vim.api.nvim_buf_get_lines(0, row, row + 1, false)[1]:find('"Invoice"', 1, true)
end)
wait("the end of the mistake", function()
  return #vim.diagnostic.get(0) == 0
end)
passed = passed + 2

--- What the server answers to a question about the cursor.
local function ask(method, more)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, client.offset_encoding), more or {})
  local answer, problem = client:request_sync(method, params, 20000, 0)
  if not answer or answer.err then
    fail(method, problem, answer)
  end
  return answer.result
end

-- Inside of the quotes the stages are offered.
row, column = line_with('"Invoice"')
vim.api.nvim_buf_set_text(0, row, column + 1, row, column + 8, { "" })
vim.api.nvim_win_set_cursor(0, { row + 1, column + 1 })
local offered = ask("textDocument/completion", { context = { triggerKind = 1 } })
local labels = vim.tbl_map(function(item)
  return item.label
end, offered.items or offered)
check("stages are offered", vim.tbl_contains(labels, "Invoice") and vim.tbl_contains(labels, "Proposal"), labels)
vim.api.nvim_buf_set_text(0, row, column + 1, row, column + 1, { "Invoice" })

-- What is under the cursor is explained.
if client:supports_method("textDocument/hover") then
  row, column = line_with("deal.amount > $large")
  vim.api.nvim_win_set_cursor(0, { row + 1, column + 6 })
  local hover = ask("textDocument/hover")
  check("the field is explained", hover and vim.inspect(hover.contents):lower():find("amount", 1, true), hover)
end

-- The formatter lays out what is laid out badly.
local before = vim.api.nvim_buf_get_lines(0, 0, -1, false)
row = line_with("comment deal")
vim.api.nvim_buf_set_lines(0, row, row + 1, false, { "comment   deal   " .. before[row + 1]:match('".*$') })
vim.lsp.buf.format({ async = false, timeout_ms = 20000 })
check("formatted", vim.deep_equal(vim.api.nvim_buf_get_lines(0, 0, -1, false), before), vim.api.nvim_buf_get_lines(0, 0, -1, false))

-- Colours by the syntax file.
local function group(words, offset)
  row, column = line_with(words)
  return vim.fn.synIDattr(vim.fn.synID(row + 1, column + 1 + (offset or 0), 1), "name")
end
for words, wanted in pairs({
  ["rule "] = "flowItem",
  ["notify chat"] = "flowVerb",
  ["$large ="] = "flowVariable",
  ["10_000 PLN"] = "flowMoney",
  ["3d {"] = "flowDuration",
  ["wait until"] = "flowStatement",
  ["// The same"] = "flowLineComment",
  ["/// What"] = "flowDoc",
  ['"Sales"'] = "flowText",
}) do
  check("the colour of " .. words, group(words) == wanted, group(words))
end
check("the colour of a value in a text", group("{deal.title}: {", 1) ~= "flowText", group("{deal.title}: {", 1))

-- Colours by tree-sitter.
if parser then
  vim.treesitter.language.add("flow", { path = parser })
  vim.treesitter.start(0, "flow")
  vim.treesitter.get_parser(0, "flow"):parse(true)
  row, column = line_with("notify chat")
  local captures = vim.tbl_map(function(capture)
    return capture.capture
  end, vim.treesitter.get_captures_at_pos(0, row, column))
  check("the verb by tree-sitter", vim.tbl_contains(captures, "function.builtin"), captures)
end

io.stdout:write("neovim: " .. passed .. " checks passed\n")
vim.cmd("qall!")
