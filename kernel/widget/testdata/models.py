"""Prints models.json: the state that ipywidgets 8.1.9 sends for each of its models, with
references to other models and binary values cut short. Run with ipywidgets installed."""

import json, sys
import comm
from comm.base_comm import BaseComm, CommManager
class C(BaseComm):
    def publish_msg(self, *a, **k): pass
comm.create_comm = lambda *a, **k: C(*a, **k)
comm.get_comm_manager = lambda m=CommManager(): m
import ipywidgets as w
out={}
def put(name, x):
    st=x.get_state()
    st={k:v for k,v in st.items()}
    def clean(v):
        if isinstance(v,str) and v.startswith("IPY_MODEL_"): return "IPY_MODEL_"
        if isinstance(v,(bytes,memoryview)): return {"bytes":len(v)}
        if isinstance(v,(list,tuple)): return [clean(i) for i in v]
        return v
    out[name]={k:clean(v) for k,v in sorted(st.items())}
o=['a','b','c']
for n,x in {
 "IntSlider":w.IntSlider(value=5,min=0,max=10),"FloatSlider":w.FloatSlider(value=5,min=0,max=10),"IntProgress":w.IntProgress(value=5,min=0,max=10),"FloatProgress":w.FloatProgress(value=5,min=0,max=10),
 "IntText":w.IntText(value=5),"FloatText":w.FloatText(value=5),"Checkbox":w.Checkbox(value=True,description="d"),"ToggleButton":w.ToggleButton(value=True,description="d"),
 "Text":w.Text(value="t"),"Textarea":w.Textarea(value="t"),"Label":w.Label(value="t"),"HTML":w.HTML(value="t"),"HTMLMath":w.HTMLMath(value="t"),
 "Dropdown":w.Dropdown(options=o),"RadioButtons":w.RadioButtons(options=o),"ToggleButtons":w.ToggleButtons(options=o),"Select":w.Select(options=o),"SelectMultiple":w.SelectMultiple(options=o),"SelectionSlider":w.SelectionSlider(options=o),
 "Button":w.Button(description="d"),"Image":w.Image(value=b"abc",format="png"),"Output":w.Output(),
 "HBox":w.HBox([w.Label("x")]),"VBox":w.VBox([w.Label("x")]),"GridBox":w.GridBox([w.Label("x")]),"Tab":w.Tab([w.Label("x")],titles=["one"]),"Accordion":w.Accordion([w.Label("x")],titles=["one"]),
 "Layout":w.Layout(),"FloatLogSlider":w.FloatLogSlider(value=10,min=0,max=4,base=10),
}.items():
    put(n,x)
    if x.has_trait("style") and x.style is not None: put(x.style._model_name, x.style)
a,b=w.IntSlider(),w.IntSlider()
put("Link",w.jslink((a,'value'),(b,'value')))
put("DirectionalLink",w.jsdlink((a,'value'),(b,'value')))
json.dump(out,sys.stdout,indent=1,sort_keys=True)
