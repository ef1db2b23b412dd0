(rule body: (_) @function.inside) @function.around
(flow body: (_) @function.inside) @function.around
(function body: (_) @function.inside) @function.around
(test body: (_) @test.inside) @test.around
(comment) @comment.inside
(comment)+ @comment.around
