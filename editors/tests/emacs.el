;;; emacs.el --- Emacs, set up by the lines of editors/README.md -*- lexical-binding: t; -*-

;; emacs --batch -f package-initialize -l INIT -l emacs.el
;; WORKSPACE is a copy of examples/invoice that may be changed.

;;; Code:

(require 'cl-lib)

(defvar test-passed 0)

(defun test-check (what good &rest details)
  "Fail with WHAT and DETAILS unless GOOD."
  (unless good
    (message "emacs: not so: %s\n%S" what details)
    (kill-emacs 1))
  (setq test-passed (1+ test-passed)))

(defun test-wait (what condition)
  "Wait until CONDITION gives something, and give it back; fail with WHAT."
  (let ((until (+ (float-time) 30)) found)
    (while (not (or (setq found (funcall condition)) (> (float-time) until)))
      (accept-process-output nil 0.02))
    (test-check what found)
    found))

(defun test-go-to (words)
  "Put point before WORDS."
  (goto-char (point-min))
  (search-forward words)
  (goto-char (match-beginning 0)))

(defun test-mistakes ()
  "What flymake shows now."
  ;; In batch nobody is idle, which is when changes are sent.
  (eglot--signal-textDocument/didChange)
  (flymake-start)
  (flymake-diagnostics))

(let ((script (expand-file-name "rules.flow" (getenv "WORKSPACE"))))
  (with-temp-file script
    (insert-file-contents script)
    (test-go-to "stage \"Invoice\"")
    (replace-string-in-region "stage \"Invoice\"" "stage \"Invoce\"" (point) (line-end-position)))
  (find-file script)
  (test-check "the mode" (eq major-mode 'flow-mode) major-mode)
  ;; A person's next key would set it off.
  (run-hooks 'post-command-hook)
  (test-wait "the language server" #'eglot-current-server)

  ;; The mistake is shown, at its place, with its code.
  (let ((mistake (test-wait "the diagnostic" (lambda () (car (test-mistakes))))))
    (test-go-to "\"Invoce\"")
    (test-check "the place" (equal (list (flymake-diagnostic-beg mistake) (flymake-diagnostic-end mistake))
                                   (list (point) (+ (point) 8)))
                (flymake-diagnostic-beg mistake) (point))
    (test-check "the message" (string-match-p "Invoce" (flymake-diagnostic-text mistake))
                (flymake-diagnostic-text mistake))
    (test-check "the code" (string-match-p "E0203" (flymake-diagnostic-text mistake))
                (flymake-diagnostic-text mistake))

    ;; The quick fix mends it.
    (forward-char 1)
    (let ((actions (eglot-code-actions (point) (1+ (point)) "quickfix")))
      (test-check "a quick fix is offered" (> (length actions) 0) actions)
      (let ((fix (cl-find-if (lambda (action) (string-match-p "Invoice" (plist-get action :title))) actions)))
        (test-check "it writes the stage" fix actions)
        (eglot--apply-workspace-edit (plist-get fix :edit)))))
  (test-go-to "on deal stage")
  (test-check "the quick fix" (looking-at "on deal stage \"Invoice\"")
              (buffer-substring (point) (line-end-position)))
  (test-wait "the end of the mistake" (lambda () (null (test-mistakes))))

  ;; Inside of the quotes the stages are offered.
  (test-go-to "Invoice\" in pipeline")
  (delete-char 7)
  (let* ((capf (eglot-completion-at-point))
         (offered (all-completions "" (nth 2 capf))))
    (test-check "stages are offered" (and (member "Invoice" offered) (member "Proposal" offered)) offered))
  (insert "Invoice")

  ;; The formatter lays out what is laid out badly.
  (let ((before (buffer-string)))
    (test-go-to "comment deal")
    (insert "      ")
    (eglot-format-buffer)
    (test-check "formatted" (equal (buffer-string) before) (buffer-string))

    ;; The mode itself indents as the formatter does.
    (let ((inhibit-message t))
      (indent-region (point-min) (point-max)))
    (test-check "indented" (equal (replace-regexp-in-string " +\\(as important\\|with tag\\)" " \\1" (buffer-string))
                                  (replace-regexp-in-string " +\\(as important\\|with tag\\)" " \\1" before))
                (buffer-string)))

  ;; Colours.
  (font-lock-ensure)
  (pcase-dolist (`(,words . ,face) '(("rule " . font-lock-keyword-face)
                                     ("notify chat" . font-lock-builtin-face)
                                     ("$large =" . font-lock-variable-name-face)
                                     ("\"Sales\"" . font-lock-string-face)
                                     ("// The same" . font-lock-comment-delimiter-face)
                                     ("Won]" . font-lock-constant-face)))
    (test-go-to words)
    (test-check (concat "the colour of " words) (eq (get-text-property (point) 'face) face)
                (get-text-property (point) 'face)))
  (set-buffer-modified-p nil)
  (eglot-shutdown (eglot-current-server))
  (message "emacs: %d checks passed" test-passed)
  (kill-emacs 0))

;;; emacs.el ends here
