// The program `dealflow`: which it is, and what it answers.

import { execFile } from "node:child_process";
import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

/// Where `cargo install` puts it, which editors that were not started from a terminal may not know.
const INSTALLED = path.join(homedir(), ".cargo", "bin", "dealflow");

let found: string | undefined;

/// As the settings say.
export function program(): string {
  return found ?? setting();
}

/// What the settings say.
export function setting(): string {
  return vscode.workspace.getConfiguration("dealflow").get("path", "dealflow") || "dealflow";
}

/// Looks for it; whether there is one that starts.
export async function find(): Promise<boolean> {
  found = undefined;
  const wanted = setting();
  for (const candidate of wanted === "dealflow" ? [wanted, INSTALLED] : [wanted]) {
    if (await starts(candidate)) {
      found = candidate;
      return true;
    }
  }
  return false;
}

function starts(candidate: string): Promise<boolean> {
  return new Promise((resolve) => execFile(candidate, ["--version"], (error) => resolve(error === null)));
}

/// What it writes. It fails with what the program says is wrong.
export async function output(args: string[], cwd: string | undefined): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(program(), args, { cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr.trim() || stdout.trim() || error.message)),
    ),
  );
}
