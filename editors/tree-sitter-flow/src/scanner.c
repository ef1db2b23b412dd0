// What the neighbourhood of a word or an angle tells about it; the same rules as in src/syntax/filter of the project.
//
// It keeps no state: which tokens are valid at a place says what stands before it.

#include "tree_sitter/parser.h"
#include "words.h"

#include <string.h>
#include <wctype.h>

enum Token {
  VERB,
  NOUN,
  ANGLE_OPEN,
  ANGLE_CLOSE,
  LESS,
  GREATER,
  WORD_AS_NAME,
  EVENT_WORD,
  BRACE_OPEN,
  RECORD_OPEN,
  ERROR,
};

// Longer than every word of the language.
enum { MOST = 24 };

static bool blank(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0xfeff || c == 0xa0;
}

static bool begins_word(int32_t c) { return c == '_' || iswalpha((wint_t)c); }

static bool in_word(int32_t c) { return c == '_' || iswalnum((wint_t)c); }

static bool among(const char *word, const char *const *words) {
  for (; *words; words++) {
    if (strcmp(word, *words) == 0) return true;
  }
  return false;
}

static void ahead(TSLexer *lexer) { lexer->advance(lexer, false); }

// Over blanks and comments, without taking them.
static void over_trivia(TSLexer *lexer) {
  for (;;) {
    while (blank(lexer->lookahead)) ahead(lexer);
    if (lexer->lookahead != '/') return;
    ahead(lexer);
    if (lexer->lookahead == '/') {
      while (!lexer->eof(lexer) && lexer->lookahead != '\n') ahead(lexer);
    } else if (lexer->lookahead == '*') {
      ahead(lexer);
      bool star = false;
      while (!lexer->eof(lexer) && !(star && lexer->lookahead == '/')) {
        star = lexer->lookahead == '*';
        ahead(lexer);
      }
      if (!lexer->eof(lexer)) ahead(lexer);
    } else {
      return;
    }
  }
}

// Reads a word; one too long to be of the language is cut.
static void read_word(TSLexer *lexer, char *word) {
  unsigned length = 0;
  while (in_word(lexer->lookahead)) {
    if (length + 1 < MOST) word[length++] = lexer->lookahead < 128 ? (char)lexer->lookahead : '?';
    ahead(lexer);
  }
  word[length] = 0;
}

// Whether `.` or `?.` comes, or `:`, before which every word is a name.
static bool makes_name(TSLexer *lexer) {
  over_trivia(lexer);
  if (lexer->lookahead == '?') {
    ahead(lexer);
    return lexer->lookahead == '.';
  }
  return lexer->lookahead == '.' || lexer->lookahead == ':';
}

// After `<`: it opens a block before a word that begins a statement, before a close, and at the end of the file.
static bool opens_block(TSLexer *lexer) {
  over_trivia(lexer);
  if (lexer->eof(lexer) || lexer->lookahead == '>' || lexer->lookahead == '}') return true;
  if (!begins_word(lexer->lookahead)) return false;
  char word[MOST];
  read_word(lexer, word);
  return among(word, FLOW_STARTERS) && !makes_name(lexer);
}

static bool angle(TSLexer *lexer, const bool *valid) {
  bool less = lexer->lookahead == '<';
  ahead(lexer);
  if (lexer->lookahead == '=') return false;
  lexer->mark_end(lexer);
  if (!less) {
    // A simple statement ends with `;`, so that after a value it compares.
    lexer->result_symbol = valid[GREATER] && !valid[ANGLE_CLOSE] ? GREATER : ANGLE_CLOSE;
    return valid[GREATER] || valid[ANGLE_CLOSE];
  }
  if (valid[ANGLE_OPEN] && (!valid[LESS] || opens_block(lexer))) {
    lexer->result_symbol = ANGLE_OPEN;
    return true;
  }
  lexer->result_symbol = LESS;
  return valid[LESS];
}

// `{ name: …` is a record, everything else a block.
static bool brace(TSLexer *lexer, const bool *valid) {
  ahead(lexer);
  lexer->mark_end(lexer);
  bool record = valid[RECORD_OPEN];
  if (record && valid[BRACE_OPEN]) {
    over_trivia(lexer);
    record = begins_word(lexer->lookahead);
    if (record) {
      while (in_word(lexer->lookahead)) ahead(lexer);
      over_trivia(lexer);
      record = lexer->lookahead == ':';
    }
  }
  lexer->result_symbol = record ? RECORD_OPEN : BRACE_OPEN;
  return true;
}

static bool word(TSLexer *lexer, const bool *valid) {
  char text[MOST];
  read_word(lexer, text);
  lexer->mark_end(lexer);
  bool verb = among(text, FLOW_VERBS);
  bool reserved = verb || among(text, FLOW_RESERVED);
  bool call = lexer->lookahead == '(';
  if (reserved && valid[WORD_AS_NAME] && call && strcmp(text, "at") == 0) {
    lexer->result_symbol = WORD_AS_NAME;
    return true;
  }
  bool noun = valid[NOUN] && (!valid[EVENT_WORD] || valid[ERROR]) && among(text, FLOW_NOUNS);
  bool event = valid[EVENT_WORD] && !valid[ERROR] && !among(text, FLOW_NO_EVENTS);
  if (!reserved && !noun && !event) return false;
  bool name = makes_name(lexer);
  if (name) {
    lexer->result_symbol = WORD_AS_NAME;
    return reserved && valid[WORD_AS_NAME] && !among(text, FLOW_VALUES);
  }
  if (event) {
    lexer->result_symbol = EVENT_WORD;
    return true;
  }
  if (noun && lexer->lookahead == '"') {
    lexer->result_symbol = NOUN;
    return true;
  }
  lexer->result_symbol = VERB;
  return verb && valid[VERB];
}

void *tree_sitter_flow_external_scanner_create(void) { return NULL; }

void tree_sitter_flow_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_flow_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_flow_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_flow_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  while (blank(lexer->lookahead)) lexer->advance(lexer, true);
  int32_t c = lexer->lookahead;
  if (c == '<' || c == '>') return angle(lexer, valid);
  if (c == '{') return (valid[BRACE_OPEN] || valid[RECORD_OPEN]) && brace(lexer, valid);
  return begins_word(c) && word(lexer, valid);
}
