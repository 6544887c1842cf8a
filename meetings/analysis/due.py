"""Until when: the dates and days that a task is given, as people say them."""

import re

_DAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?|(?:twenty |thirty )?(?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth)|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth"
    r"|twentieth|thirtieth)"
)
_POINT = (
    rf"(?:(?:the )?(?:end|start|beginning|middle) of (?:the |this |next )?(?:day|week|month"
    rf"|quarter|year|"
    rf"sprint|{_MONTH})"
    rf"|(?:next |this |coming )?{_DAY}(?: (?:morning|afternoon|evening|noon))?"
    rf"|(?:the )?{_ORDINAL} (?:of )?{_MONTH}|{_MONTH}(?: (?:the )?{_ORDINAL})?"
    rf"|the {_ORDINAL}(?=\s*(?:$|[,.;?!]|(?:so|but|and)\b))"
    r"|tomorrow(?: (?:morning|afternoon|evening))?|tonight|today|noon|midnight|the week after next"
    r"|(?:next |this )?(?:christmas|easter|new year|spring|summer|autumn)"
    r"|(?:next|this) (?:week|month|quarter|year|sprint|morning|afternoon|evening|weekend)"
    r"|(?:the )?(?:next|following) (?:meeting|call|release|sprint)"
    r"|the (?:launch|release|deadline|meeting|demo|weekend|board meeting)"
    r"|end of (?:day|week|month)|(?:\w+ )?o'clock)"
)
DUE = re.compile(
    rf",?\s*\b(?:(?:(?:by|before|until|no later than|due|on|in|at|for|within"
    rf"|not later than)\s+){_POINT}"
    rf"|(?:next|this) (?:week|month|quarter|sprint|morning|afternoon|evening)|(?:next "
    rf"|this )?{_DAY}"
    r"(?: (?:morning|afternoon|evening))?"
    r"|(?:before|after) (?:the|our) \w+(?=\W*$)|over (?:the|this) weekend"
    r"|tomorrow(?: (?:morning|afternoon|evening))?|tonight|today|(?:by )?end of (?:day|week|month)"
    r"|(?:with)?in (?:a|one|two|three|four|five|six|ten|\d+|the next|a couple of) (?:\w+ )?"
    r"(?:hours?|days?|weeks?|months?)|after (?:this|the) (?:meeting|call)|as soon as possible|asap"
    r"|right away|immediately)\b",
    re.I,
)
