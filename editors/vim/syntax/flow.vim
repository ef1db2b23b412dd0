" Vim syntax file
" Language:    Flow (Dealflow)
" The lists of words are written by a test of the project, which reads them from its lexer and its catalogue.

if exists('b:current_syntax')
  finish
endif

let s:cpo_save = &cpo
set cpo&vim

syntax case match

syntax keyword flowTodo TODO FIXME XXX contained
syntax match   flowLineComment "//.*$" contains=flowTodo,@Spell
syntax match   flowDoc "\v///[^/].*$|///$" contains=flowTodo,@Spell
syntax region  flowBlockComment start="/\*" end="\*/" contains=flowTodo,@Spell
syntax match   flowAllow "\v//\s*flow:\s*allow\([^)]*\)" containedin=flowLineComment contained

" words: items as flowItem
syntax match flowItem "\v<(rule|on|every|flow|fn|const|use|test)>"
" end of words
" words: statements as flowStatement
syntax match flowStatement "\v<(let|set|if|else|match|case|for|while|break|continue|parallel|branch|race)>"
syntax match flowStatement "\v<(try|retry|undo|do|start|return|stop|wait|until|find|where|migrate|assert)>"
syntax match flowStatement "\v<(given|when|advance|expect)>"
" end of words
" words: operators as flowOperatorWord
syntax match flowOperatorWord "\v<(or|and|not|in|contains|starts|ends|with|between|is|empty|default)>"
" end of words
" words: values as flowConstant
syntax match flowConstant "\v<(true|false|null)>"
" end of words
" words: prepositions as flowPreposition
syntax match flowPreposition "\v<(to|from|via|by|at|as|about|of)>"
" end of words
" words: clauses as flowClause
syntax match flowClause "\v<(once|per|each|time|one|restart)>"
" end of words
" words: parts as flowClause
syntax match flowClause "\v<(order|desc|limit|times|pausing)>"
" end of words
" words: verbs as flowVerb
syntax match flowVerb "\v<(notify|message|post|comment|create|assign|move|log|convert|get|schedule)>"
syntax match flowVerb "\v<(record|send|add|remove|exclude|book|cancel|invoke|request)>"
" end of words

" words: functions as flowFunctionName
syntax match flowFunctionName "\v<(upper|lower|trim|len|replace|split|join|print|format|round|abs|min)>"
syntax match flowFunctionName "\v<(max|sum|avg|exchange|random|date|time|at|days_between)>"
syntax match flowFunctionName "\v<(add_working_days|is_working_day|is_working_time|start_of|end_of|first)>"
syntax match flowFunctionName "\v<(last)>"
" end of words

" A word before `(` calls a function, one after `on` and its entity says what happens.
syntax match flowName "\v<\h\w*>\ze\("
syntax match flowEnum "\v<\u\w*>"
syntax match flowVariable "\v\$\h\w*"
syntax match flowNoun "\v<(user|department|role|chat|template|stage|pipeline|resource|audience|provider|sender)>\ze\s*\""

" Around a dot and before a colon every word is a name.
syntax match flowProperty "\v\.\h\w*>"
syntax match flowEntity "\v<\h\w*>\ze\??\."
syntax match flowKey "\v<\h\w*>\ze\s*:([^0-9]|$)"

syntax match flowNumber "\v<\d+(_\d+)*(\.\d+)?\%?"
syntax match flowMoney "\v<\d+(_\d+)*(\.\d+)?\s+[A-Z]{3}>"
syntax match flowDuration "\v<(\d+(min|mo|wd|wh|y|w|d|h))+>"
syntax match flowTime "\v<\d{1,2}:\d{2}(:\d{2})?>"
syntax match flowDate "\v<\d{4}-\d{1,2}-\d{1,2}(T[0-9:]*)?>"

syntax match  flowEscape "\\." contained
syntax region flowValue matchgroup=flowValueMark start="{" end="}" contained oneline contains=TOP,@Spell
syntax region flowText start=+"+ skip=+\\.+ end=+"+ oneline contains=flowEscape,flowValue,@Spell
syntax region flowBlockText start=+"""+ skip=+\\.+ end=+"""+ contains=flowEscape,flowValue,@Spell

syntax sync minlines=50

highlight default link flowTodo Todo
highlight default link flowLineComment Comment
highlight default link flowBlockComment Comment
highlight default link flowDoc SpecialComment
highlight default link flowAllow PreProc
highlight default link flowItem Keyword
highlight default link flowStatement Statement
highlight default link flowOperatorWord Operator
highlight default link flowConstant Boolean
highlight default link flowPreposition Keyword
highlight default link flowClause Keyword
highlight default link flowVerb Function
highlight default link flowFunctionName Function
highlight default link flowName Function
highlight default link flowEnum Constant
highlight default link flowVariable Identifier
highlight default link flowNoun Type
highlight default link flowProperty NONE
highlight default link flowEntity NONE
highlight default link flowKey Label
highlight default link flowNumber Number
highlight default link flowMoney Number
highlight default link flowDuration Number
highlight default link flowTime Number
highlight default link flowDate Number
highlight default link flowEscape SpecialChar
highlight default link flowValueMark Special
highlight default link flowText String
highlight default link flowBlockText String

let b:current_syntax = 'flow'

let &cpo = s:cpo_save
unlet s:cpo_save
