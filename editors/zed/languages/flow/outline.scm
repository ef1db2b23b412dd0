(rule
  "rule" @context
  name: (text) @name) @item
(test
  "test" @context
  name: (text) @name) @item
(flow
  "flow" @context
  name: (function_name) @name) @item
(function
  "fn" @context
  name: (function_name) @name) @item
