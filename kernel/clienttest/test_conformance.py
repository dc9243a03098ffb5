"""The public conformance suite, jupyter_kernel_test, on the installed kernel.

SWINGBY_KERNEL names its kernelspec; it is "swingby" when not set.
"""

import os
import unittest

import jupyter_kernel_test

KERNEL = os.environ.get("SWINGBY_KERNEL", "swingby")


class Conformance(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'fmt.Fprintln(os.Stderr, "oops")'
    code_generate_error = 'panic("as asked")'

    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": 'strings.ToUpper("swing") + "-by"', "result": '"SWING-by"'},
        {"code": "x := 6\nx * 7", "result": "42"},
    ]
    code_display_data = [
        {"code": 'display.Show(display.HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'display.Show(display.Markdown("*emphasis*"))', "mime": "text/markdown"},
        {"code": 'display.Show(display.SVG(`<svg xmlns="http://www.w3.org/2000/svg"/>`))', "mime": "image/svg+xml"},
    ]
    code_clear_output = "display.Clear(false)"
    code_page_something = "?strings.ToUpper"

    complete_code_samples = ["1 + 1", "x := 1", "for i := range 3 {\n\tfmt.Println(i)\n}", "// nothing", "type T struct{ A int }"]
    incomplete_code_samples = ["for i := range 3 {", "func f(", "x := 1 +", "fmt.Println(`raw", "/* comment"]
    invalid_code_samples = ["x := := 1", ") + 1", "for i := {}"]

    completion_samples = [
        {"text": "strings.ToUpp", "matches": {"ToUpper", "ToUpperSpecial"}},
        {"text": "fmt.Printl", "matches": {"Println"}},
    ]
    code_inspect_sample = "fmt.Println"

    code_history_pattern = "1 ?*"
    supported_history_operations = ("tail", "range", "search")


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = KERNEL
    support_iopub_welcome = True


del jupyter_kernel_test  # or unittest would find its classes here and run them for another kernel

if __name__ == "__main__":
    unittest.main()
