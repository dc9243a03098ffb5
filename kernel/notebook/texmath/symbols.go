package texmath

import (
	"strings"
	"unicode"
)

// table reads "name char name char …".
func table(s string) map[string]string {
	f := strings.Fields(s)
	m := make(map[string]string, len(f)/2)
	for i := 0; i+1 < len(f); i += 2 {
		m[f[i]] = f[i+1]
	}
	return m
}

// letters are set as identifiers.
var letters = table(`
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ varkappa ϰ
lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ
chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
infty ∞ partial ∂ nabla ∇ emptyset ∅ varnothing ∅ ell ℓ hbar ℏ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ imath ı jmath ȷ
top ⊤ bot ⊥ angle ∠ triangle △ square □ Box □ blacksquare ■ diamond ⋄ star ⋆ bigstar ★ degree ° prime ′
ldots … dots … dotsc … cdots ⋯ dotsb ⋯ vdots ⋮ ddots ⋱ forall ∀ exists ∃ nexists ∄ flat ♭ sharp ♯ natural ♮
dagger † ddagger ‡ checkmark ✓ S § P ¶ AA Å % % # # & & $ $ _ _ copyright ©`)

// isUpright names the letters that are not slanted.
func isUpright(name string) bool {
	switch name {
	case "partial", "ell", "hbar", "imath", "jmath", "wp":
		return false
	}
	r := []rune(letters[name])[0]
	return !(0x3b1 <= r && r <= 0x3f6) // small Greek slants, capital Greek stands
}

// operators are relations, binary operators, arrows and punctuation.
var operators = table(`
pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ circ ∘ bullet ∙ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ cap ∩ cup ∪
sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ neg ¬ lnot ¬ amalg ⨿ ltimes ⋉ rtimes ⋊
le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ ll ≪ gg ≫ lll ⋘ ggg ⋙ equiv ≡ approx ≈ approxeq ≊ sim ∼ simeq ≃ cong ≅ propto ∝ doteq ≐
leqslant ⩽ geqslant ⩾ lesssim ≲ gtrsim ≳ asymp ≍ triangleq ≜ coloneqq ≔ coloneq ≔ eqqcolon ≕ prec ≺ succ ≻ preceq ⪯ succeq ⪰
subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ sqsubseteq ⊑ sqsupseteq ⊒ in ∈ ni ∋ notin ∉ owns ∋
perp ⟂ parallel ∥ nparallel ∦ mid ∣ nmid ∤ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨ bowtie ⋈ therefore ∴ because ∵
to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺
longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼
hookrightarrow ↪ hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖
rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ leadsto ⇝ rightsquigarrow ⇝
colon : cdotp · ldotp . backslash \ lt < gt >`)

var bigOperators = table(`
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigsqcup ⨆ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄`)

// fences are delimiters that are commands.
var fences = table(`
{ { } } lbrace { rbrace } lbrack [ rbrack ] langle ⟨ rangle ⟩ lvert | rvert | vert | lVert ‖ rVert ‖ Vert ‖ | ‖
lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lgroup ⟮ rgroup ⟯ ulcorner ⌜ urcorner ⌝`)

// spaces in em.
var spaces = map[string]string{
	",": "0.1667", "thinspace": "0.1667", ":": "0.2222", ">": "0.2222", "medspace": "0.2222", ";": "0.2778", "thickspace": "0.2778",
	"!": "-0.1667", "negthinspace": "-0.1667", " ": "0.25", "\n": "0.25", "enspace": "0.5", "quad": "1", "qquad": "2",
}

var accents = map[string]accent{
	"hat": {mark: "^"}, "widehat": {mark: "^", stretchy: true}, "check": {mark: "ˇ"}, "tilde": {mark: "~"},
	"widetilde": {mark: "~", stretchy: true}, "acute": {mark: "´"}, "grave": {mark: "`"}, "dot": {mark: "˙"},
	"ddot": {mark: "¨"}, "dddot": {mark: "⃛"}, "breve": {mark: "˘"}, "bar": {mark: "‾"}, "vec": {mark: "→"},
	"mathring": {mark: "˚"}, "overline": {mark: "‾", stretchy: true}, "overrightarrow": {mark: "→", stretchy: true},
	"overleftarrow": {mark: "←", stretchy: true}, "overbrace": {mark: "⏞", stretchy: true, brace: true},
	"underline": {mark: "_", under: true, stretchy: true}, "underbrace": {mark: "⏟", under: true, stretchy: true, brace: true},
}

// functions are named operators; true for those whose scripts are limits.
var functions = map[string]bool{
	"arccos": false, "arcsin": false, "arctan": false, "arg": false, "cos": false, "cosh": false, "cot": false, "coth": false,
	"csc": false, "deg": false, "dim": false, "exp": false, "hom": false, "ker": false, "lg": false, "ln": false, "log": false,
	"sec": false, "sin": false, "sinh": false, "tan": false, "tanh": false,
	"argmax": true, "argmin": true, "det": true, "gcd": true, "inf": true, "lim": true, "liminf": true, "limsup": true,
	"max": true, "min": true, "Pr": true, "sup": true,
}

func functionText(name string) string {
	switch name {
	case "liminf":
		return "lim~inf"
	case "limsup":
		return "lim~sup"
	case "argmax":
		return "arg~max"
	case "argmin":
		return "arg~min"
	}
	return name
}

// sizes of delimiters by command, without its l, r or m.
var sizes = map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}

var fonts = map[string]string{
	"mathbb": "bb", "mathbf": "bf", "boldsymbol": "bi", "bm": "bi", "pmb": "bi", "mathcal": "cal", "mathscr": "cal",
	"mathfrak": "frak", "mathsf": "sf", "mathtt": "tt", "mathrm": "rm", "mathup": "rm", "mathit": "", "mathnormal": "",
}

// boldOnly drops the alphabets that have no Greek.
func boldOnly(font string) string {
	if font == "bf" || font == "bi" {
		return font
	}
	return ""
}

// alphabets give the first code points of A, a, 0, Α and α in Unicode's mathematical
// alphabets (block U+1D400), 0 where there are none: MathML Core has no other way to ask for them.
var alphabets = map[string][5]rune{
	"bf":   {0x1d400, 0x1d41a, 0x1d7ce, 0x1d6a8, 0x1d6c2},
	"bi":   {0x1d468, 0x1d482, 0x1d7ce, 0x1d71c, 0x1d736},
	"bb":   {0x1d538, 0x1d552, 0x1d7d8, 0, 0},
	"cal":  {0x1d49c, 0x1d4b6, 0, 0, 0},
	"frak": {0x1d504, 0x1d51e, 0, 0, 0},
	"sf":   {0x1d5a0, 0x1d5ba, 0x1d7e2, 0, 0},
	"tt":   {0x1d670, 0x1d68a, 0x1d7f6, 0, 0},
}

// holes are the letters that Unicode had before the block, elsewhere.
var holes = map[rune]rune{
	0x1d49d: 'ℬ', 0x1d4a0: 'ℰ', 0x1d4a1: 'ℱ', 0x1d4a3: 'ℋ', 0x1d4a4: 'ℐ', 0x1d4a7: 'ℒ', 0x1d4a8: 'ℳ', 0x1d4ad: 'ℛ',
	0x1d4ba: 'ℯ', 0x1d4bc: 'ℊ', 0x1d4c4: 'ℴ', 0x1d506: 'ℭ', 0x1d50b: 'ℌ', 0x1d50c: 'ℑ', 0x1d515: 'ℜ', 0x1d51d: 'ℨ',
	0x1d53a: 'ℂ', 0x1d53f: 'ℍ', 0x1d545: 'ℕ', 0x1d547: 'ℙ', 0x1d548: 'ℚ', 0x1d549: 'ℝ', 0x1d551: 'ℤ',
}

// alphabet returns text in an alphabet; characters it lacks stay.
func alphabet(font, s string) string {
	starts, ok := alphabets[font]
	if !ok {
		return s
	}
	return strings.Map(func(r rune) rune {
		i, base := -1, rune(0)
		switch {
		case 'A' <= r && r <= 'Z':
			i, base = 0, 'A'
		case 'a' <= r && r <= 'z':
			i, base = 1, 'a'
		case '0' <= r && r <= '9':
			i, base = 2, '0'
		case 'Α' <= r && r <= 'Ω' && unicode.IsLetter(r):
			i, base = 3, 'Α'
		case 'α' <= r && r <= 'ω':
			i, base = 4, 'α'
		}
		if i < 0 || starts[i] == 0 {
			return r
		}
		m := starts[i] + r - base
		if h, ok := holes[m]; ok {
			return h
		}
		return m
	}, s)
}
