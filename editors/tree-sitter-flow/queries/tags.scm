(rule name: (text) @name) @definition.rule
(test name: (text) @name) @definition.test
(flow name: (function_name) @name) @definition.function
(function name: (function_name) @name) @definition.function
(call function: (function_name) @name) @reference.call
