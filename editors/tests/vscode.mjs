// VS Code in a browser: code-server with the packed extension, driven as a person would.
//
// node vscode.mjs TOOLS DEALFLOW VSIX WORKSPACE PICTURE: TOOLS has node_modules with code-server and playwright-core,
// WORKSPACE is a copy of examples/invoice that may be changed.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

const [tools, dealflow, vsix, workspace, picture] = process.argv.slice(2).map((part) => path.resolve(part));
const { chromium } = createRequire(path.join(tools, "package.json"))("playwright-core");
const LONG = 60_000;

let passed = 0;
function check(what, good, details) {
  if (!good) throw new Error(`not so: ${what}\n${JSON.stringify(details)}`);
  passed += 1;
}

async function eventually(condition, what) {
  const until = Date.now() + LONG;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/// What the language server says that it can do.
function capabilities() {
  const params = { processId: null, rootUri: null, capabilities: {} };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  const { stdout } = spawnSync(dealflow, ["lsp"], { input: `Content-Length: ${body.length}\r\n\r\n${body}`, encoding: "utf8" });
  return JSON.parse(stdout.slice(stdout.indexOf("{"))).result.capabilities;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const home = mkdtempSync(path.join(tmpdir(), "dealflow-vscode-"));
const entry = path.join(tools, "node_modules/code-server/out/node/entry.js");
const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
delete env.VSCODE_IPC_HOOK_CLI;
mkdirSync(path.join(home, "data/User"), { recursive: true });
writeFileSync(
  path.join(home, "data/User/settings.json"),
  JSON.stringify({
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    "workbench.colorTheme": "Default Light Modern",
    "chat.disableAIFeatures": true,
    "editor.minimap.enabled": false,
    "editor.fontFamily": "DejaVu Sans Mono",
    "window.commandCenter": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "telemetry.telemetryLevel": "off",
    "git.enabled": false,
    "update.mode": "none",
    "extensions.autoUpdate": false,
  }),
);
// As `cargo install` does it.
mkdirSync(path.join(home, ".cargo/bin"), { recursive: true });
symlinkSync(dealflow, path.join(home, ".cargo/bin/dealflow"));
const places = ["--user-data-dir", path.join(home, "data"), "--extensions-dir", path.join(home, "extensions")];

// A stage is misspelt.
const script = path.join(workspace, "rules.flow");
const right = readFileSync(script, "utf8");
writeFileSync(script, right.replace('stage "Invoice"', 'stage "Invoce"'));

execFileSync(process.execPath, [entry, ...places, "--install-extension", vsix], { env, stdio: ["ignore", "ignore", "inherit"] });
const port = await freePort();
const server = spawn(
  process.execPath,
  [entry, ...places, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry",
    "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override"],
  { env, stdio: ["ignore", "pipe", "pipe"] },
);
let log = "";
server.stdout.on("data", (data) => (log += data));
server.stderr.on("data", (data) => (log += data));

const up = () => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false);

let browser, page;

// Points at something until the editor shows what it has to say: one that is still drawing misses where the mouse came to rest.
const pointing = (target, shown, what) =>
  eventually(async () => {
    await page.mouse.move(0, 0);
    await target.hover();
    return shown.waitFor({ timeout: 3000 }).then(() => true, () => false);
  }, what);

try {
  await eventually(up, "code-server");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  page = await browser.newPage({ viewport: { width: 1100, height: 640 } });
  page.setDefaultTimeout(LONG);
  page.setDefaultNavigationTimeout(LONG);
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`);

  // The script is opened from the list of files.
  await page.getByRole("treeitem", { name: "rules.flow" }).dblclick();
  await page.waitForSelector(".squiggly-error");
  check("a red squiggle", true);
  const line = page.locator(".view-line", { hasText: "on deal stage" });
  const word = line.locator("span", { hasText: "Invoce" }).last();
  // An editor that is still drawing takes both away for a moment, so they are looked at until they stand in their places.
  await eventually(async () => {
    const mark = await page.locator(".squiggly-error").first().boundingBox();
    const text = await word.boundingBox();
    return mark && text && Math.abs(mark.x - text.x) < 12 && mark.x + mark.width <= text.x + text.width + 12;
  }, "the squiggle under the stage");
  check("it is under the stage", true);

  // The message stands over the word.
  const hover = page.locator(".monaco-hover:visible", { hasText: "Invoce" });
  await pointing(word, hover, "the message over the word");
  const said = await hover.innerText();
  check("the message", said.includes("there is no deal stage `Invoce`"), said);
  check("the code", said.includes("E0203"), said);
  await hover.getByText("Quick Fix").waitFor();
  await page.screenshot({ path: picture });

  // A click on the code opens the page on it.
  await hover.getByText("E0203").click();
  const tab = page.getByRole("tab", { name: /E0203/ });
  await tab.waitFor();
  const explained = page.locator(".view-line", { hasText: "unknown stage or status" });
  await explained.first().waitFor();
  check("the page on the code", true);
  await page.getByRole("tab", { name: /rules.flow/ }).click();
  await page.waitForSelector(".squiggly-error");

  // The quick fix mends it.
  await page.keyboard.press("Escape");
  await word.click();
  const fix = page.locator(".action-widget .monaco-list-row", { hasText: "Invoice" }).first();
  // Asked before the editor has looked for fixes, it says that there are none.
  await eventually(async () => {
    await page.keyboard.press("Control+.");
    return fix.waitFor({ timeout: 3000 }).then(() => true, () => false);
  }, "a quick fix");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".squiggly-error", { state: "detached" });
  const mended = (await line.innerText()).replaceAll("\u00a0", " ");
  check("the quick fix", mended.includes('on deal stage "Invoice" in pipeline'), mended);

  // A field is explained.
  if (capabilities().hoverProvider) {
    const amount = page.locator(".view-line", { hasText: "if deal.amount" }).locator("span", { hasText: /amount/ }).last();
    await pointing(amount, page.locator(".monaco-hover:visible", { hasText: /amount/i }), "what a field is");
    check("the field is explained", true);
    await page.keyboard.press("Escape");
  }

  // Stages are offered between quotes.
  await line.locator("span", { hasText: "Invoice" }).last().dblclick();
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Control+Space");
  const offered = page.locator(".suggest-widget.visible .monaco-list-row");
  await offered.filter({ hasText: "Proposal" }).first().waitFor();
  check("stages are offered", (await offered.filter({ hasText: "Invoice" }).count()) > 0, await offered.allInnerTexts());
  await page.keyboard.type("Inv");
  await page.keyboard.press("Enter");

  // Saving lays the script out; what was badly indented comes back as it was.
  await page.locator(".view-line", { hasText: "comment deal" }).first().click();
  await page.keyboard.press("Home");
  await page.keyboard.type("      ");
  await page.keyboard.press("Control+s");
  await eventually(() => readFileSync(script, "utf8") === right, "the script as it was");
  check("saved and formatted", true);
  console.log(`vscode: ${passed} checks passed`);
} catch (error) {
  process.exitCode = 1;
  console.error(`vscode: ${error.message}`);
  await page?.screenshot({ path: `${picture}.failed.png` }).catch(() => {});
  console.error(`the screen is in ${picture}.failed.png`, log.split("\n").slice(-20).join("\n"));
} finally {
  await browser?.close();
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill();
  await gone;
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
