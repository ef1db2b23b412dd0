// The words of the language. Written by a test of the project, which reads them from its lexer.

#include <stddef.h>

static const char *const FLOW_VERBS[] = {
  // words: verbs
  "notify", "message", "post", "comment", "create", "assign", "move", "log", "convert", "get", "schedule",
  "record", "send", "add", "remove", "exclude", "book", "cancel", "invoke", "request",
  // end of words
  NULL,
};

// Words that begin nothing by themselves where `.`, `?.` or `:` follows them: there they are names.
static const char *const FLOW_RESERVED[] = {
  // words: reserved
  "rule", "on", "every", "flow", "fn", "const", "use", "test", "let", "set", "if", "else", "match", "case",
  "for", "while", "break", "continue", "parallel", "branch", "race", "try", "retry", "undo", "do", "start",
  "return", "stop", "wait", "until", "find", "where", "migrate", "assert", "given", "when", "advance",
  "expect", "or", "and", "not", "in", "contains", "starts", "ends", "with", "between", "is", "empty",
  "default", "true", "false", "null", "to", "from", "via", "by", "at", "as", "about", "of",
  // end of words
  NULL,
};

// Words that a statement or an item begins with.
static const char *const FLOW_STARTERS[] = {
  // words: starters
  "notify", "message", "post", "comment", "create", "assign", "move", "log", "convert", "get", "schedule",
  "record", "send", "add", "remove", "exclude", "book", "cancel", "invoke", "request", "rule", "on", "every",
  "flow", "fn", "const", "use", "test", "let", "set", "if", "match", "case", "for", "while", "break",
  "continue", "parallel", "branch", "race", "try", "undo", "do", "start", "return", "stop", "wait", "migrate",
  "assert", "given", "when", "advance", "expect",
  // end of words
  NULL,
};

// Words that make one value together with a text after them.
static const char *const FLOW_NOUNS[] = {
  // words: nouns
  "user", "department", "role", "chat", "template", "stage", "pipeline", "resource", "audience", "provider",
  "sender",
  // end of words
  NULL,
};

// Words that do not name what happens, though they stand after the entity of a trigger.
static const char *const FLOW_NO_EVENTS[] = {
  // words: no events
  "if", "for", "while", "with", "or", "and", "in", "to", "from", "via", "by", "at", "as", "about", "of",
  "once", "per", "each", "time", "one", "restart",
  // end of words
  NULL,
};

// Words that are values also before a colon.
static const char *const FLOW_VALUES[] = {
  // words: values
  "true", "false", "null",
  // end of words
  NULL,
};
