// What can be done from the palette and from lenses: each is a command of `dealflow`.

import * as path from "node:path";
import * as vscode from "vscode";
import { output, program } from "./program";

/// The scheme of pages on codes, which the language server writes as addresses: `dealflow:/explain/E0203.md`.
export const PAGES = "dealflow";

/// Shows pages on codes.
export const pages: vscode.TextDocumentContentProvider = {
  provideTextDocumentContent: (uri) => output(["explain", path.posix.basename(uri.path, ".md")], undefined),
};

/// `dealflow check`, its findings in the list of problems.
export async function check(): Promise<void> {
  await task("check", ["--format", "short"]);
}

/// `dealflow run`.
export async function run(): Promise<void> {
  await task("run", []);
}

/// One test of a script.
export async function runTest(uri: string, name: string): Promise<void> {
  await task("test", [vscode.Uri.parse(uri).fsPath, "--filter", name]);
}

/// A page on a code of a diagnostic: the one under the cursor, or the one that is typed.
export async function explainCode(): Promise<void> {
  const wanted = await vscode.window.showInputBox({ prompt: "Which code?", value: codeHere() ?? "" });
  if (!wanted) return;
  const uri = vscode.Uri.from({ scheme: PAGES, path: `/explain/${wanted.trim().toUpperCase()}.md` });
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

/// A rule as a graph; without a name the rules of the workspace, and which set off which.
export async function showGraph(uri?: string | vscode.Uri, name?: string): Promise<void> {
  const folder = workspace();
  if (!folder) return;
  const what =
    typeof uri === "string" && name ? ["--rule", name, vscode.Uri.parse(uri).fsPath] : ["--triggers", "."];
  try {
    const svg = await output(["graph", "--format", "svg", ...what], folder);
    const panel = vscode.window.createWebviewPanel("dealflow.graph", name ?? "Rules", vscode.ViewColumn.Beside, {});
    panel.webview.html = `<!DOCTYPE html><meta http-equiv="Content-Security-Policy"
      content="default-src 'none'; style-src 'unsafe-inline'"><body style="background:white">${svg}</body>`;
  } catch (error) {
    vscode.window.showErrorMessage(`The graph cannot be drawn: ${(error as Error).message}`);
  }
}

function codeHere(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const found = vscode.languages
    .getDiagnostics(editor.document.uri)
    .find((diagnostic) => diagnostic.range.contains(editor.selection.active));
  const code = found?.code;
  return typeof code === "object" ? String(code.value) : code?.toString();
}

/// The folder with the `crm.toml` that the open script belongs to.
function workspace(): string | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  const folder = (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? vscode.workspace.workspaceFolders?.[0];
  if (!folder) vscode.window.showInformationMessage("Open the folder with your crm.toml first.");
  return folder?.uri.fsPath;
}

async function task(command: string, args: string[]): Promise<void> {
  const folder = workspace();
  if (!folder) return;
  const execution = new vscode.ProcessExecution(program(), [command, ...args], { cwd: folder });
  const made = new vscode.Task(
    { type: "dealflow", command, args },
    vscode.TaskScope.Workspace,
    command,
    "dealflow",
    execution,
    "$dealflow",
  );
  await vscode.tasks.executeTask(made);
}
