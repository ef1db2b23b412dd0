(block
  ["}" ">"] @end) @indent
(list
  "]" @end) @indent
(record
  "}" @end) @indent
