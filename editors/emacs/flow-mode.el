;;; flow-mode.el --- Major mode for Flow, the language of Dealflow -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Colours, comments and indentation for .flow files, and `dealflow lsp' for eglot.
;; The lists of words are written by a test of the project, which reads them from its lexer and its catalogue.

;;; Code:

(defgroup flow nil
  "Flow, the language of Dealflow."
  :group 'languages)

(defcustom flow-dealflow-program "dealflow"
  "The program that checks, formats and explains scripts."
  :type 'string)

(defcustom flow-indent-offset 2
  "How many blanks a block is indented by; `dealflow fmt' uses two."
  :type 'integer
  :safe #'integerp)

(defconst flow-items
  '(
    ;; words: items
    "rule" "on" "every" "flow" "fn" "const" "use" "test"
    ;; end of words
    ))

(defconst flow-statements
  '(
    ;; words: statements
    "let" "set" "if" "else" "match" "case" "for" "while" "break" "continue" "parallel" "branch" "race" "try"
    "retry" "undo" "do" "start" "return" "stop" "wait" "until" "find" "where" "migrate" "assert" "given"
    "when" "advance" "expect"
    ;; end of words
    ))

(defconst flow-operators
  '(
    ;; words: operators
    "or" "and" "not" "in" "contains" "starts" "ends" "with" "between" "is" "empty" "default"
    ;; end of words
    ))

(defconst flow-values
  '(
    ;; words: values
    "true" "false" "null"
    ;; end of words
    ))

(defconst flow-prepositions
  '(
    ;; words: prepositions
    "to" "from" "via" "by" "at" "as" "about" "of"
    ;; end of words
    ))

(defconst flow-clauses
  '(
    ;; words: clauses
    "once" "per" "each" "time" "one" "restart"
    ;; end of words
    ;; words: parts
    "order" "desc" "limit" "times" "pausing"
    ;; end of words
    ))

(defconst flow-verbs
  '(
    ;; words: verbs
    "notify" "message" "post" "comment" "create" "assign" "move" "log" "convert" "get" "schedule" "record"
    "send" "add" "remove" "exclude" "book" "cancel" "invoke" "request"
    ;; end of words
    ))

(defconst flow-nouns
  '(
    ;; words: nouns
    "user" "department" "role" "chat" "template" "stage" "pipeline" "resource" "audience" "provider" "sender"
    ;; end of words
    ))

(defconst flow-functions
  '(
    ;; words: functions
    "upper" "lower" "trim" "len" "replace" "split" "join" "print" "format" "round" "abs" "min" "max" "sum"
    "avg" "exchange" "random" "date" "time" "at" "days_between" "add_working_days" "is_working_day"
    "is_working_time" "start_of" "end_of" "first" "last"
    ;; end of words
    ))

(defvar flow-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?$ "'" table)
    ;; An angle may be a block or a comparison: it is no bracket.
    (modify-syntax-entry ?< "." table)
    (modify-syntax-entry ?> "." table)
    table)
  "Syntax table of `flow-mode'.")

(defun flow--in-text-p (position)
  "Whether POSITION is inside of a text."
  (save-excursion (save-match-data (nth 3 (syntax-ppss position)))))

(defvar flow-font-lock-keywords
  `(("\\$[[:alpha:]_][[:alnum:]_]*" . font-lock-variable-name-face)
    ;; Around a dot and before a colon every word is a name.
    ("\\.\\([[:alpha:]_][[:alnum:]_]*\\)" 1 'default t)
    ("\\_<\\([[:alpha:]_][[:alnum:]_]*\\)\\(?:\\?\\.\\|\\.\\)" 1 'default t)
    ("\\_<\\([[:alpha:]_][[:alnum:]_]*\\)\\s-*:\\(?:[^0-9]\\|$\\)" 1 font-lock-constant-face)
    (,(concat "\\_<\\(" (regexp-opt flow-nouns) "\\)\\s-*\"") 1 font-lock-type-face)
    (,(regexp-opt (append flow-items flow-statements flow-operators flow-prepositions flow-clauses) 'symbols)
     . font-lock-keyword-face)
    (,(regexp-opt flow-values 'symbols) . font-lock-constant-face)
    (,(regexp-opt flow-verbs 'symbols) . font-lock-builtin-face)
    (,(concat "\\_<\\(" (regexp-opt flow-functions) "\\)(") 1 font-lock-builtin-face)
    ("\\_<\\([[:alpha:]_][[:alnum:]_]*\\)(" 1 font-lock-function-name-face)
    ("\\_<[[:upper:]][[:alnum:]_]*\\_>" . font-lock-constant-face)
    ("\\_<[0-9][0-9_.:T-]*\\(?:%\\|[a-z][0-9a-z]*\\|\\s-+[A-Z]\\{3\\}\\)?\\_>" . font-lock-constant-face)
    ;; Values in texts.
    ("{[^{}\n]*}" (0 (when (flow--in-text-p (match-beginning 0)) 'font-lock-variable-name-face) t)))
  "Colours of `flow-mode'.")

(defun flow--closes-p ()
  "Whether the line at point begins by closing a block."
  (looking-at "[]})]\\|>\\(?:[ \t]*\\(?:>\\|}\\|else\\_>\\|retry\\_>\\|//\\|$\\)\\)"))

(defun flow--depth-before (position)
  "How many brackets and angle blocks are open at POSITION."
  (save-excursion
    (let ((depth 0)
          (limit position))
      (goto-char (point-min))
      (while (re-search-forward "[][(){}<>]" limit t)
        (let* ((at (match-beginning 0))
               (state (save-excursion (syntax-ppss at))))
          (unless (or (nth 3 state) (nth 4 state))
            (pcase (char-after at)
              ((or ?\( ?\[ ?\{) (setq depth (1+ depth)))
              ((or ?\) ?\] ?\}) (setq depth (1- depth)))
              (?< (when (flow--opens-block-p at) (setq depth (1+ depth))))
              (?> (when (flow--closes-block-p at) (setq depth (1- depth))))))))
      (max depth 0))))

(defun flow--opens-block-p (at)
  "Whether the `<' at AT opens a block."
  (save-excursion
    (goto-char (1+ at))
    (and (not (eq (char-after) ?=))
         (progn (forward-comment (buffer-size)) t)
         (or (eobp)
             (memq (char-after) '(?> ?}))
             (looking-at (concat (regexp-opt (append flow-verbs flow-items flow-statements) 'symbols)
                                 "\\(?:[^.:?]\\|$\\)"))))))

(defun flow--closes-block-p (at)
  "Whether the `>' at AT closes a block."
  (save-excursion
    (goto-char at)
    (forward-comment (- (buffer-size)))
    (or (memq (char-before) '(?\; ?\} ?\{))
        (and (eq (char-before) ?<) (flow--opens-block-p (1- (point))))
        (and (eq (char-before) ?>) (flow--closes-block-p (1- (point)))))))

(defun flow--continues-p ()
  "Whether the line at point goes on with the statement of the line before."
  (save-excursion
    (forward-line 0)
    (forward-comment (- (buffer-size)))
    (and (not (bobp))
         (not (memq (char-before) '(?\; ?\{ ?\} ?\[ ?\( ?\, ?< ?>))))))

(defun flow-indent-line ()
  "Indent the line by the number of blocks that are open before it."
  (interactive)
  (let* ((offset (save-excursion
                   (back-to-indentation)
                   (let ((depth (flow--depth-before (line-beginning-position))))
                     (* flow-indent-offset
                        (cond ((flow--closes-p) (max 0 (1- depth)))
                              ((and (> depth 0) (flow--continues-p)) (+ depth 2))
                              (t depth))))))
         (in-text (nth 3 (save-excursion (syntax-ppss (line-beginning-position))))))
    (unless in-text
      (if (<= (current-column) (current-indentation))
          (indent-line-to offset)
        (save-excursion (indent-line-to offset))))))

;;;###autoload
(define-derived-mode flow-mode prog-mode "Flow"
  "Major mode for scripts in Flow."
  (setq-local comment-start "// ")
  (setq-local comment-start-skip "//+\\s-*\\|/\\*+\\s-*")
  (setq-local comment-end "")
  (setq-local font-lock-defaults '(flow-font-lock-keywords))
  (setq-local indent-line-function #'flow-indent-line)
  (setq-local indent-tabs-mode nil)
  (setq-local electric-indent-chars (append '(?\} ?>) electric-indent-chars))
  (setq-local imenu-generic-expression
              '(("Rule" "^rule[ \t]+\"\\([^\"]*\\)\"" 1)
                ("Test" "^test[ \t]+\"\\([^\"]*\\)\"" 1)
                ("Function" "^\\(?:fn\\|flow\\)[ \t]+\\([[:alpha:]_][[:alnum:]_]*\\)" 1))))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.flow\\'" . flow-mode))

(defvar eglot-server-programs)

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               `(flow-mode . ,(lambda (&rest _) (list flow-dealflow-program "lsp")))))

(provide 'flow-mode)

;;; flow-mode.el ends here
