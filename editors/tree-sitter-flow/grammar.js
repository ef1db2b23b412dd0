// Flow for editors. The language itself is read by grammar/flow.lalrpop; this grammar takes every right script the same
// way, so that colours, folds and selections are right. What a word means is decided in src/scanner.c: reserved words
// from src/words.h, which a test of the project keeps equal to the lexer, and which `<` and `>` are blocks.
//
// After a change: `tree-sitter generate`, then `./test.sh`.

/// Loosest first, as in grammar/flow.lalrpop.
const LEVEL = { or: 1, and: 2, not: 3, compare: 4, default: 5, sum: 6, product: 7, minus: 8, postfix: 9 };

const comma = (rule) => seq(rule, repeat(seq(",", rule)));
const list = (rule) => seq(repeat(seq(rule, ",")), optional(rule));

const parameters = ($) => [repeat($._atom), repeat($.argument_group), optional($.with)];

module.exports = grammar({
  name: "flow",

  externals: ($) => [
    $.verb,
    $.noun,
    $._angle_open,
    $._angle_close,
    $._less,
    $._greater,
    $._word_as_name,
    $._event_word,
    $._brace_open,
    $._record_open,
    $._error,
  ],

  extras: ($) => [/[ \t\r\n\f\u{feff}\u{a0}]/, $.doc_comment, $.comment],

  word: ($) => $._name,

  supertypes: ($) => [$._item, $._statement, $._expression],

  inline: ($) => [$._right_side],

  rules: {
    source_file: ($) => repeat($._item),

    doc_comment: (_) => token(/\/\/\/([^\/\n][^\n]*)?/),
    comment: (_) => token(choice(/\/\/[^\n]*/, /\/\*[^*]*\*+([^\/*][^*]*\*+)*\//)),

    // ---- Items --------------------------------------------------------------------------------------------------

    _item: ($) => choice($.rule, $.flow, $.function, $.const, $.use, $.test),

    rule: ($) =>
      seq(
        optional(seq("rule", optional(field("name", $.text)))),
        choice("on", "every"),
        field("trigger", $.trigger),
        // `from` directly after the trigger is a part of it.
        optional(seq(field("clause", $._clause), repeat(field("clause", choice($._clause, $.origin))))),
        field("body", $.block),
      ),

    trigger: ($) =>
      choice(
        seq(
          field("entity", alias($._event_word, $.entity)),
          optional(field("event", alias($._event_word, $.event))),
          repeat($._trigger_part),
        ),
        repeat1($._trigger_part),
      ),

    _trigger_part: ($) => choice($._atom, ",", "and", seq("or", $._sum), $.preposition_argument),

    _clause: ($) => choice($.if_clause, $.while_clause, $.reentry),
    if_clause: ($) => seq("if", $._expression),
    while_clause: ($) => seq("while", $._expression),
    reentry: ($) =>
      choice(
        seq("once", "per", $._atom, optional(seq("in", $._sum))),
        seq("each", "time"),
        seq("one", "at", "a", "time"),
        "restart",
      ),
    origin: ($) => seq("from", comma($._atom)),

    flow: ($) => seq("flow", $._signature),
    function: ($) => seq("fn", $._signature),
    _signature: ($) =>
      seq(
        field("name", alias($.identifier, $.function_name)),
        "(",
        list($.parameter),
        ")",
        optional(seq("->", field("result", $.type))),
        field("body", $.block),
      ),
    parameter: ($) => seq(field("name", $.variable), ":", field("type", $.type)),
    type: ($) => seq(repeat(seq(alias($._name, $.type_name), "of")), alias($._name, $.type_name), optional("?")),

    const: ($) => seq("const", field("name", $.variable), "=", $._right_side, ";"),
    use: ($) => seq("use", field("file", $.text), ";"),
    test: ($) => seq("test", field("name", $.text), field("body", $.block)),

    // ---- Statements ---------------------------------------------------------------------------------------------

    block: ($) =>
      choice(
        seq(alias($._brace_open, "{"), repeat($._statement), "}"),
        seq(alias($._angle_open, "<"), repeat($._statement), alias($._angle_close, ">")),
      ),

    _statement: ($) =>
      choice(
        $.let,
        $.set,
        $.if,
        $.match,
        $.case,
        $.for,
        $.while,
        $.break,
        $.continue,
        $.parallel,
        $.race,
        $.branch,
        $.try,
        $.undo,
        $.do,
        $.start,
        $.return,
        $.stop,
        $.wait_statement,
        $.action_statement,
        $.migrate,
        $.assert,
        $.given,
        $.when,
        $.for_any,
        $.advance,
        $.expect,
      ),

    let: ($) =>
      seq(
        "let",
        field("name", $.variable),
        "=",
        choice(seq($._right_side, ";"), seq(field("value", $.wait), field("cases", $.block))),
      ),
    _right_side: ($) => field("value", choice($._expression, $.action, $.find, $.wait, $.start_call)),
    start_call: ($) => seq("start", $.call),

    set: ($) => seq("set", comma($.assignment), ";"),
    assignment: ($) => seq(field("target", choice($._place, $.member)), "=", field("value", $._expression)),
    _place: ($) => choice($.variable, $.identifier),

    if: ($) => seq("if", field("condition", $._expression), field("then", $.block), optional($._else)),
    _else: ($) => seq("else", choice(field("else", $.block), $.if)),
    match: ($) => seq("match", field("subject", $._expression), field("cases", $.block)),
    case: ($) => seq("case", choice("else", comma($._expression)), field("body", $.block)),
    for: ($) =>
      seq("for", field("name", $.variable), "in", field("list", $._expression), field("body", $.block)),
    while: ($) => seq("while", field("condition", $._expression), field("body", $.block)),
    break: (_) => seq("break", ";"),
    continue: (_) => seq("continue", ";"),
    parallel: ($) => seq("parallel", $.block),
    race: ($) => seq("race", $.block),
    branch: ($) => seq("branch", $.block),
    try: ($) =>
      seq(
        "try",
        field("body", $.block),
        optional(
          choice(
            seq($.retry, ";"),
            seq(optional($.retry), "else", optional(field("error", $.variable)), field("else", $.block)),
          ),
        ),
      ),
    retry: ($) => seq("retry", $._sum, "times", optional(seq("pausing", $._sum))),
    undo: ($) => seq("undo", $.block),
    do: ($) => seq("do", $.call, ";"),
    start: ($) => seq("start", $.call, ";"),
    return: ($) => seq("return", optional($._expression), ";"),
    stop: (_) => seq("stop", ";"),

    wait_statement: ($) => seq($.wait, choice(";", field("cases", $.block))),
    wait: ($) =>
      seq("wait", choice($._expression, seq("until", $._expression), seq("for", field("trigger", $.trigger)))),

    action_statement: ($) => seq($.action, ";"),
    action: ($) => seq(field("verb", $.verb), ...parameters($)),
    argument_group: ($) => prec.right(seq($.preposition, comma($._sum), repeat($._atom))),
    preposition_argument: ($) => seq($.preposition, $._sum),
    preposition: (_) => choice("to", "from", "via", "by", "at", "in", "for", "as", "about", "of"),
    with: ($) => seq("with", comma($.named)),
    named: ($) =>
      seq(field("name", alias(choice($._name, $._word_as_name), $.property)), ":", field("value", $._expression)),

    find: ($) =>
      seq(
        "find",
        field("entity", alias($._name, $.entity)),
        field("name", $.variable),
        optional(seq("where", field("where", $._expression))),
        optional(seq("order", "by", $._sum, optional("desc"))),
        optional(seq("limit", $._sum)),
      ),

    migrate: ($) =>
      seq("migrate", optional(seq("from", field("from", $.wait))), optional(seq("with", comma($.carried))), ";"),
    carried: ($) => seq(field("name", $.variable), ":", field("value", $._sum)),
    assert: ($) => seq("assert", $._expression, ";"),
    for_any: ($) =>
      seq("for", "any", field("entity", alias($._name, $.entity)), optional($.with), field("body", $.block)),
    given: ($) =>
      seq(
        "given",
        choice(
          seq(field("name", $.variable), "=", field("entity", alias($._name, $.entity)), ...parameters($)),
          seq("at", $._sum),
        ),
        ";",
      ),
    when: ($) => seq("when", field("trigger", $.trigger), optional($.with), ";"),
    advance: ($) => seq("advance", $._sum, ";"),
    expect: ($) =>
      seq(
        "expect",
        choice(
          seq(optional(choice("no", "then", seq($.integer, choice("times", "time")))), $.pattern),
          seq($._expression, optional(seq("until", $._expression))),
        ),
        ";",
      ),
    // An action of which only some parts are given; `contains` looks into its text.
    pattern: ($) =>
      prec.right(
        seq(
          field("verb", choice($.verb, "set")),
          repeat($._atom),
          optional($._contains),
          repeat($.argument_group),
          optional($._contains),
          optional($.with),
        ),
      ),
    _contains: ($) => seq("contains", $._sum),

    // ---- Expressions --------------------------------------------------------------------------------------------

    _expression: ($) => choice($.binary, $.not, $.comparison, $.between, $.is_empty, $._sum),

    not: ($) => prec(LEVEL.not, seq("not", $._expression)),

    binary: ($) =>
      choice(
        ...[
          ["or", LEVEL.or],
          ["and", LEVEL.and],
        ].map(([op, level]) =>
          prec.left(level, seq(field("left", $._expression), field("operator", op), field("right", $._expression))),
        ),
      ),

    comparison: ($) =>
      prec.left(
        LEVEL.compare,
        seq(
          field("left", $._expression),
          field(
            "operator",
            choice(
              "==",
              "!=",
              alias($._less, "<"),
              "<=",
              alias($._greater, ">"),
              ">=",
              "in",
              seq("not", "in"),
              "contains",
              seq("not", "contains"),
              seq("starts", "with"),
              seq("ends", "with"),
            ),
          ),
          field("right", $._expression),
        ),
      ),
    between: ($) =>
      prec.left(LEVEL.compare, seq($._expression, "between", $._fallback, "and", $._fallback)),
    is_empty: ($) => prec.left(LEVEL.compare, seq($._expression, "is", optional("not"), "empty")),

    _fallback: ($) => $._sum,

    _sum: ($) => choice($.arithmetic, $.negative, $.parenthesized, $._atom, $.member_of_parenthesized),

    arithmetic: ($) =>
      choice(
        ...[
          ["default", LEVEL.default],
          ["+", LEVEL.sum],
          ["-", LEVEL.sum],
          ["*", LEVEL.product],
          ["/", LEVEL.product],
        ].map(([op, level]) =>
          prec.left(level, seq(field("left", $._sum), field("operator", op), field("right", $._sum))),
        ),
      ),
    negative: ($) => prec(LEVEL.minus, seq("-", $._sum)),
    parenthesized: ($) => seq("(", $._expression, ")"),
    member_of_parenthesized: ($) =>
      prec.left(
        LEVEL.postfix,
        seq(choice($.parenthesized, $.member_of_parenthesized), choice(".", "?."), field("name", $._property)),
      ),

    // Values that may follow one another in an action: no sign, no parentheses, no operator.
    _atom: ($) =>
      choice(
        $.null,
        $.boolean,
        $.integer,
        $.decimal,
        $.percent,
        $.money,
        $.duration,
        $.date,
        $.datetime,
        $.time,
        $.text,
        $.noun_reference,
        $._place,
        $.call,
        $.list,
        $.record,
        $.member,
      ),
    member: ($) => prec.left(LEVEL.postfix, seq($._atom, choice(".", "?."), field("name", $._property))),
    _property: ($) => alias(choice($._name, $._word_as_name), $.property),

    noun_reference: ($) => seq($.noun, $.text),
    call: ($) => prec(1, seq(field("function", alias($.identifier, $.function_name)), "(", list($._argument), ")")),
    _argument: ($) =>
      choice($._expression, seq($._expression, "where", $._expression), seq($._expression, ":", $._expression)),
    list: ($) => seq("[", list($._expression), "]"),
    record: ($) => seq(alias($._record_open, "{"), list($.named), "}"),

    null: (_) => "null",
    boolean: (_) => choice("true", "false"),
    integer: (_) => /[0-9]+(_[0-9]+)*/,
    decimal: (_) => /[0-9]+(_[0-9]+)*\.[0-9]+/,
    percent: (_) => /[0-9]+(_[0-9]+)*(\.[0-9]+)?%/,
    money: (_) => /[0-9]+(_[0-9]+)*(\.[0-9]+)?[ \t]+[A-Z][A-Z][A-Z]/,
    duration: (_) => /([0-9]+(min|mo|wd|wh|y|w|d|h))+/,
    date: (_) => /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/,
    datetime: (_) => /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}T[0-9:]*/,
    time: (_) => /[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?/,

    identifier: ($) => choice($._name, $._word_as_name),
    _name: (_) => /[\p{XID_Start}_]\p{XID_Continue}*/,
    variable: (_) => /\$[\p{XID_Start}_]\p{XID_Continue}*/,

    text: ($) =>
      choice(
        seq(
          '"',
          repeat(choice(alias(token.immediate(prec(1, /[^"\\{\n]+/)), $.content), $.escape, $.interpolation)),
          token.immediate('"'),
        ),
        seq(
          '"""',
          repeat(
            choice(
              alias(token.immediate(prec(1, /[^"\\{]+/)), $.content),
              alias(token.immediate('"'), $.content),
              alias(token.immediate('""'), $.content),
              $.escape,
              $.interpolation,
            ),
          ),
          token.immediate('"""'),
        ),
      ),
    escape: (_) => token.immediate(prec(1, /\\./)),
    interpolation: ($) =>
      seq(token.immediate("{"), $._expression, optional(seq(":", field("format", $.format))), "}"),
    format: ($) => choice($._name, $.decimal, $.integer),
  },
});
