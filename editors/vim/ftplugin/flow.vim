if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s
setlocal comments=sO:*\ -,mO:*\ \ ,exO:*/,s1:/*,mb:*,ex:*/,:///,://
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal formatoptions-=t formatoptions+=croql
setlocal matchpairs+=<:>

" `:make` checks the workspace and fills the quickfix list; `gg=G` lays the script out.
setlocal makeprg=dealflow\ check\ --format\ short
setlocal errorformat=%f:%l:%c:\ %t%n:\ %m
setlocal equalprg=dealflow\ fmt\ -

let b:undo_ftplugin = 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< formatoptions<'
      \ . ' matchpairs< makeprg< errorformat< equalprg<'
