// Package widget puts controls into the page that cells can read and answer: sliders, buttons,
// text, menus, and boxes of them, as front ends with ipywidgets show them.
//
//	freq := widget.NewFloatSlider(0.1, 10, 1, widget.Description("frequency"))
//	freq.OnChange(func(x float64) { fmt.Println(x) })
//	freq                                     // as the last line of a cell: shows it
//
// [Interact] calls a function again whenever one of its controls moves, and shows
// what it returns in their place:
//
//	widget.Interact(func(x float64, n int) *plot.Plot { … }, freq, []int{1, 20})
//
// # Values and functions
//
// A control's Value is what the user last chose, its SetValue moves it in the page. Functions
// given to OnChange and OnClick are cell code: they run when no cell runs, one after the
// other, and can be interrupted like a cell. Values arrive at once, also while a cell runs, if the front end
// sends them then; when several have come before a function had its turn, it is called once, with the
// newest. What functions print and show goes to the cell that first showed the control, or to an
// [Output] that captures it. A panic is reported there, and harms nothing else.
//
// # Traits
//
// Every widget is a [Model]: a set of named values, its traits, that session and page keep the
// same. What has no method of its own is reached by name, for example
//
//	s.Set("readout_format", ".3f")
//	s.Layout().Set("width", "50%")
//	s.Style().Set("handle_color", "lightblue")
//
// The names are those of the Jupyter widget models of @jupyter-widgets/base 2.0.0 and
// @jupyter-widgets/controls 2.0.0 (packages/schema/jupyterwidgetmodels.latest.md in the repository of
// ipywidgets), the messages those of its widget messaging protocol 2.1.
//
// # Own widgets
//
// [NewAnyWidget] makes a widget of a JavaScript module of your own, by the anywidget protocol.
//
// Widgets need JupyterLab's or another front end's widget manager (jupyterlab_widgets). Elsewhere
// they show as text.
package widget
