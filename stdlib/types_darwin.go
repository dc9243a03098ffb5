package stdlib

import _ "embed"

//go:embed data/std.darwin.types
var platformTypes string
