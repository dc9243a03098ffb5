package notebook_test

import (
	"fmt"
	"os"

	"swingby/kernel/notebook"
)

const stored = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{
	"cell_type": "code", "id": "a", "metadata": {"tags": ["check"]}, "source": ["x := 2\n", "x + 1"], "execution_count": 1,
	"outputs": [{"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "3"}, "metadata": {}}]}]}`

func ExampleParse() {
	nb, err := notebook.Parse([]byte(stored))
	if err != nil {
		fmt.Println(err)
		return
	}
	c := nb.Cells[0]
	fmt.Printf("%s cell %q gave %v\n", c.Type, c.Source, c.Outputs[0].Data["text/plain"])
	_, err = notebook.Parse([]byte(`{"nbformat": 4, "cells": [{"cell_type": "code", "source": 1}]}`))
	fmt.Println("the file", err)
	// Output:
	// code cell "x := 2\nx + 1" gave 3
	// the file is not a valid notebook: cells[0].source is a number, must be text or a list of lines
}

func ExampleDiff() {
	a, _ := notebook.Parse([]byte(stored))
	b, _ := notebook.Parse([]byte(stored))
	b.Cells[0].Outputs[0].Data["text/plain"] = "4"
	for _, d := range notebook.Diff(a, b) {
		fmt.Println(d)
	}
	// Output:
	// cell 1 (In[1]): outputs[0] text/plain differs
	//     - 3
	//     + 4
}

func ExampleNotebook_Bytes() {
	nb := &notebook.Notebook{Minor: 5, Cells: []*notebook.Cell{{Type: notebook.Markdown, ID: "intro", Source: "# Title\nText"}}}
	os.Stdout.Write(nb.Bytes())
	// Output:
	// {
	//  "cells": [
	//   {
	//    "cell_type": "markdown",
	//    "id": "intro",
	//    "metadata": {},
	//    "source": [
	//     "# Title\n",
	//     "Text"
	//    ]
	//   }
	//  ],
	//  "metadata": {},
	//  "nbformat": 4,
	//  "nbformat_minor": 5
	// }
}
