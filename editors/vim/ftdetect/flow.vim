" Vim may take `.flow` for JavaScript with types.
autocmd BufNewFile,BufRead *.flow set filetype=flow
