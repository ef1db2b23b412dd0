; In the words of Neovim; Helix has its own in editors/helix.
(block) @indent.begin
(block
  ["}" ">"] @indent.end @indent.branch)
(list) @indent.begin
(list
  "]" @indent.end @indent.branch)
(record) @indent.begin
(record
  "}" @indent.end @indent.branch)
[(comment) (doc_comment) (text)] @indent.ignore
