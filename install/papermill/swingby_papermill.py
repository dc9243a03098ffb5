"""Parameters of notebooks in Go, for papermill.

papermill writes a cell that sets the parameters it was given, and has to know the
language for that. It chooses a translator by the kernel's name or the notebook's
language and has none for Go; this module registers one. papermill loads it with
the engines of other packages, by an entry point of the group papermill.engine.

A number, a text or a truth value is assigned. A list is appended to an empty slice
of the variable's own type, so that 1 becomes a float64 where one is wanted:

    mu = append(mu[:0:0], 1, 2.5)

Lists of lists and dictionaries are decoded from JSON into the variable. A value
that does not fit its variable is a compile error of the cell.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

ASSIGNMENT = re.compile(
    r"^\s*(?:var\s+)?(?P<name>[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)(?:\s+(?P<type>[^=:]+?))?\s*:?=\s*(?P<value>.+?)\s*(?://\s*(?P<help>.*))?$"
)


class GoTranslator(Translator):
    @classmethod
    def translate_none(cls, val):
        return "nil"

    @classmethod
    def translate_escaped_str(cls, str_val):
        return json.dumps(str(str_val), ensure_ascii=False)

    @classmethod
    def translate_float(cls, val):
        if math.isnan(val):
            return "math.NaN()"
        if math.isinf(val):
            return "math.Inf(1)" if val > 0 else "math.Inf(-1)"
        return repr(val)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}".strip()

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        lines = [cls.comment(comment)]
        for name, value in parameters.items():
            if isinstance(value, (list, tuple)) and all(isinstance(v, (bool, int, float, str)) for v in value):
                lines.append(cls.assign(name, f"append({', '.join([f'{name}[:0:0]', *map(cls.translate, value)])})"))
            elif isinstance(value, (list, tuple, dict)):
                text = cls.translate_escaped_str(json.dumps(value, ensure_ascii=False, allow_nan=False))
                lines.append(f"if err := json.Unmarshal([]byte({text}), &{name}); err != nil {{")
                lines.append(f'\tpanic("parameter {name}: " + err.Error())')
                lines.append("}")
            else:
                lines.append(cls.assign(name, cls.translate(value)))
        return "\n".join(lines) + "\n"

    @classmethod
    def inspect(cls, parameters_cell):
        found = []
        for line in parameters_cell.source.splitlines():
            m = ASSIGNMENT.match(line)
            if m:
                names = [n.strip() for n in m["name"].split(",")]
                # Of several values on a line it is not said which is whose: that takes a parser of Go.
                default = m["value"] if len(names) == 1 else ""
                for name in names:
                    found.append(Parameter(
                        name=name, inferred_type_name=(m["type"] or "None").strip(), default=default, help=m["help"] or "",
                    ))
        return found


papermill_translators.register("go", GoTranslator)


class SwingbyEngine(NBClientEngine):
    """papermill's own engine under another name: what papermill's entry points must name."""
