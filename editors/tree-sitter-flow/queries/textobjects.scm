[(rule) (flow) (function) (test)] @function.outer
(rule body: (block) @function.inner)
(flow body: (block) @function.inner)
(function body: (block) @function.inner)
(test body: (block) @function.inner)
(comment) @comment.outer
