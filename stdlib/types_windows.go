package stdlib

import _ "embed"

//go:embed data/std.windows.types
var platformTypes string
