("(" @open ")" @close)
("[" @open "]" @close)
("{" @open "}" @close)
(block
  "<" @open
  ">" @close)
