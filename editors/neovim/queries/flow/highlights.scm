; Written by a test of the project, from tree-sitter-flow/queries/highlights.scm.
; Colours for editors that use tree-sitter. The lists of words are written by a test of the project.

[
  ; words: items
  "rule" "on" "every" "flow" "fn" "const" "use" "test"
  ; end of words
] @keyword

[
  ; words: statements
  "let" "set" "if" "else" "match" "case" "for" "while" "break" "continue" "parallel" "branch" "race" "try"
  "retry" "undo" "do" "start" "return" "stop" "wait" "until" "find" "where" "migrate" "assert" "given" "when"
  "advance" "expect"
  ; end of words
] @keyword

[
  ; words: operators
  "or" "and" "not" "in" "contains" "starts" "ends" "with" "between" "is" "empty" "default"
  ; end of words
] @keyword.operator

[
  ; words: prepositions
  "to" "from" "via" "by" "at" "as" "about" "of"
  ; end of words
] @keyword

[
  ; words: clauses
  "once" "per" "each" "time" "one" "restart"
  ; end of words
  ; words: parts
  "order" "desc" "limit" "times" "pausing"
  ; end of words
] @keyword

; In tests.
["any" "no" "then"] @keyword

; No two patterns take the same node, as editors differ in which of them would count.
((identifier) @variable
  (#not-match? @variable "^[A-Z]"))
((identifier) @constant
  (#match? @constant "^[A-Z]"))
(variable) @variable
(property) @property
(entity) @type
(event) @attribute
(type_name) @type
(noun) @type
(format) @attribute
(function_name) @function
(verb) @function.builtin

(null) @constant.builtin
(boolean) @boolean
(integer) @number
(decimal) @number
(percent) @number
(money) @number
(duration) @number
(date) @number
(datetime) @number
(time) @number

(content) @string
["\"" "\"\"\""] @string
(escape) @string.escape
(interpolation
  "{" @punctuation.special
  "}" @punctuation.special)

(comment) @comment
(doc_comment) @comment.documentation

["==" "!=" "<=" ">=" "=" "+" "-" "*" "/" "->"] @operator
(comparison operator: ["<" ">"] @operator)

["(" ")" "[" "]"] @punctuation.bracket
(block ["{" "}" "<" ">"] @punctuation.bracket)
(record ["{" "}"] @punctuation.bracket)
["," ";" ":" "." "?."] @punctuation.delimiter
