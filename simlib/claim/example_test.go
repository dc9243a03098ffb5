package claim_test

import (
	"fmt"

	"swingby/simlib/claim"
)

func ExampleCheck() {
	c := claim.Near("minimum of the test loss", 0.18096, 0.180958, 5e-6)
	fmt.Println(c.Claim, c.Verdict)
	// Output: minimum of the test loss ✓
}

func ExampleTable() {
	t := claim.Table{
		claim.Equal("order of learning", "[2 1]", []int{2, 1}),
		claim.That("the training loss never rises", "0 rises", false, 3),
	}
	for _, c := range claim.Failed(t) {
		fmt.Printf("%s: expected %s, found %s\n", c.Claim, c.Expected, c.Found)
	}
	// Output: the training loss never rises: expected 0 rises, found 3
}
