-- For `vim.lsp.enable("dealflow")`, Neovim 0.11 and newer.

return {
  cmd = { "dealflow", "lsp" },
  filetypes = { "flow", "toml" },
  -- Of the TOML files only those called crm.toml.
  root_dir = function(buffer, start)
    local name = vim.fs.basename(vim.api.nvim_buf_get_name(buffer))
    if vim.bo[buffer].filetype == "flow" or name == "crm.toml" then
      start(vim.fs.root(buffer, { "crm.toml", ".git" }) or vim.fn.getcwd())
    end
  end,
}
