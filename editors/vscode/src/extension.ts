// Starts `dealflow lsp`, and runs commands of `dealflow` from the editor.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { check, explainCode, PAGES, pages, run, runTest, showGraph } from "./commands";
import { find, program, setting } from "./program";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const command = (name: string, action: (...args: never[]) => unknown) =>
    context.subscriptions.push(vscode.commands.registerCommand(`dealflow.${name}`, action));
  command("restart", restart);
  command("check", check);
  command("run", run);
  command("runTest", runTest);
  command("showGraph", showGraph);
  command("explainCode", explainCode);
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration("dealflow.path")) await restart();
    }),
  );
  await start();
  // A server that says that it gives these pages gives them itself.
  if (!client?.initializeResult?.capabilities.workspace?.textDocumentContent) {
    context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(PAGES, pages));
  }
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  await old?.dispose();
}

async function start(): Promise<void> {
  if (!(await find())) {
    const settings = "Open the setting";
    const answer = await vscode.window.showErrorMessage(
      `\`${setting()}\` cannot be started. Install Dealflow, or say where it is in the setting "dealflow.path".`,
      settings,
    );
    if (answer === settings) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "dealflow.path");
    }
    return;
  }
  const server: ServerOptions = { command: program(), args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: [
      { scheme: "file", language: "flow" },
      { scheme: "file", pattern: "**/crm.toml" },
    ],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.flow,crm.toml}") },
  };
  client = new LanguageClient("dealflow", "Dealflow", server, options);
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(`The language server of Dealflow has not started: ${String(error)}`);
  }
}
