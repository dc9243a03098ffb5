package texmath

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// known is mathematics as notebooks write it, and what must be somewhere in the MathML.
var known = []struct{ tex, want string }{
	{`x`, `<mi>x</mi>`},
	{`3.14 x`, `<mn>3.14</mn><mi>x</mi>`},
	{`a_i^2`, `<msubsup><mi>a</mi><mi>i</mi><mn>2</mn></msubsup>`},
	{`f'(x)`, `<msup><mi>f</mi><mo>′</mo></msup>`},
	{`\tfrac12`, `<mfrac><mn>1</mn><mn>2</mn></mfrac>`},
	{`x^10`, `<msup><mi>x</mi><mn>1</mn></msup><mn>0</mn>`},
	{`\frac{a+b}{2}`, `<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>`},
	{`\sqrt[3]{x}`, `<mroot><mi>x</mi><mn>3</mn></mroot>`},
	{`\sum_{i=1}^n`, `<munderover>`},
	{`\textstyle\sum_i`, `<msub>`},
	{`\int_0^1`, `<msubsup>`},
	{`\hat x = \sum_{p=1}^{s} \mu_p e_p \in \mathbb{R}^d`, `<msup><mi>ℝ</mi><mi>d</mi></msup>`},
	{`\mathcal{N}(\mu, \operatorname{diag}(\sigma^2))`, `<mi>diag</mi>`},
	{`\dot W = WA + AW - \tfrac12\left(AW^2+W^2A+2WAW\right)`, `<mo fence="true" form="postfix" stretchy="true">)</mo>`},
	{`S_{ij} = \tfrac12 w_{ij}\,[w_{ii}(3a_i+a_j)+\mathbf{1}_{i\neq j} w_{jj}(3a_j+a_i)]`, `<mn>𝟏</mn>`},
	{`\begin{cases} 1 & x<0 \\ 2 & \text{otherwise}\end{cases}`, `<mtext>otherwise</mtext>`},
	{`\begin{aligned} a &= b \\ c &= d\end{aligned}`, `text-align:right`},
	{`\begin{pmatrix} a & b \\ c & d \end{pmatrix}`, `<mtable>`},
	{`a &= b \\ &= c`, `<mtable`},
	{`\begin{array}{l|r} a & b \end{array}`, `border-left`},
	{`\left.\frac{dx}{dt}\right|_{t=0}`, `<msub>`},
	{`\underbrace{a+b}_{\text{growth}}`, `<munder>`},
	{`\log x`, `<mi>log</mi><mspace width="0.1667em"></mspace><mi>x</mi>`},
	{`\log(x)`, `<mi>log</mi><mo stretchy="false">(</mo>`},
	{`\max_{i} a_i`, `<munder><mi>max</mi><mi>i</mi></munder>`},
	{`\|x\|_2`, `‖`},
	{`\not= \bm\theta`, `𝜽`},
	{`\big( x \bigr)`, `minsize="1.2em"`},
	{`a \over b`, `<mfrac><mi>a</mi><mi>b</mi></mfrac>`},
	{`x % a comment
+ y`, `<mi>x</mi><mo>+</mo><mi>y</mi>`},
	{`\text{if $x>0$}`, `<mtext>if&nbsp;</mtext>`},
	{`y = -x`, `<mo form="prefix">−</mo>`},
	{`(-x)`, `<mo form="prefix">−</mo>`},
	{`(y) - x`, `<mo>−</mo>`},
	{``, `<mrow></mrow>`},
}

func TestKnown(t *testing.T) {
	for _, k := range known {
		got, err := MathML(k.tex, true)
		if err != nil {
			t.Errorf("%s: %v", k.tex, err)
			continue
		}
		want := strings.ReplaceAll(k.want, "&nbsp;", "\u00a0")
		if !strings.Contains(got, want) {
			t.Errorf("%s: no %s in\n%s", k.tex, want, got)
		}
		wellFormed(t, k.tex, got)
	}
}

// TestUnknown holds what must be refused rather than shown wrongly.
func TestUnknown(t *testing.T) {
	for tex, want := range map[string]string{
		`\foo{x}`:              `unknown command \foo`,
		`\frac{a}{`:            `brace`,
		`}`:                    `brace`,
		`\frac{a}`:             `missing argument`,
		`a_b_c`:                `second _`,
		`\left( x`:             `\left without`,
		`x \right)`:            `\right without`,
		`\begin{foo}\end{foo}`: `unknown environment foo`,
		`\begin{cases} x`:      `without its \end`,
		`\begin{x`:             `brace`,
		`\left x \right)`:      `delimiter`,
		`\color{url(x)} y`:     `not a colour`,
		`x^`:                   `missing argument`,
		`\sqrt[3`:              `without its ]`,
		strings.Repeat("{", 1000) + strings.Repeat("}", 1000): `too deep`,
	} {
		got, err := MathML(tex, false)
		if err == nil {
			t.Errorf("%.40s: no error, but %.200s", tex, got)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: error %.200q, want %q in it", tex, err, want)
		}
	}
}

func wellFormed(t *testing.T, tex, got string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(got))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%q: %v in\n%s", tex, err, got)
			return
		}
	}
}

// FuzzMathML: never a panic, and what comes out is well-formed.
func FuzzMathML(f *testing.F) {
	for _, k := range known {
		f.Add(k.tex)
	}
	f.Fuzz(func(t *testing.T, tex string) {
		got, err := MathML(tex, true)
		if err == nil && !strings.ContainsFunc(tex, func(r rune) bool { return r < ' ' || r >= 0xfffd }) {
			wellFormed(t, tex, got)
		}
	})
}
