package validate_test

// undoing is a document without an issue that undoes: start → book → part (enter → stamp) → undo → end; when part fails → undone.
const undoing = `{"schema":1,"nodes":[
{"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","properties":{"fee":{"type":"integer"}},"required":["fee"]}}},
{"id":"book","kind":"service_task","title":"Book","undone_by":"refund","service":{"type":"check@1","input":{"text":"fee","count":"=input.fee"}}},
{"id":"refund","kind":"script_task","title":"Refund","script":{"output":{"fee":"=undone.input.count","ok":"=undone.output.valid","run":"=undone.run"}}},
{"id":"part","kind":"sub_process","title":"Part"},
{"id":"in","kind":"start_event","title":"","parent":"part"},
{"id":"enter","kind":"script_task","title":"Enter","parent":"part","undone_by":"erase","script":{"output":{"nr":7}}},
{"id":"erase","kind":"script_task","title":"Erase","parent":"part","script":{"output":{"of":"=undone.output.nr","also":"=tasks.enter.nr"}}},
{"id":"out","kind":"end_event","title":"","parent":"part","end":{"kind":"none"}},
{"id":"failed","kind":"boundary_event","title":"Failed","boundary":{"on":"part","kind":"error"}},
{"id":"undo","kind":"compensation_event","title":"Undo"},
{"id":"undone","kind":"end_event","title":"Undone","end":{"kind":"compensate"},"undoes":"part"},
{"id":"end","kind":"end_event","title":"End","end":{"kind":"none","output":{"fee":"=tasks.refund?.fee"}}}],
"edges":[{"id":"e1","from":"start","to":"book"},{"id":"e2","from":"book","to":"part"},{"id":"e3","from":"part","to":"undo"},{"id":"e4","from":"undo","to":"end"},
{"id":"e5","from":"failed","to":"undone"},{"id":"i1","from":"in","to":"enter"},{"id":"i2","from":"enter","to":"out"}]}`

// undoRules is one case or more per code: an edit of the undoing document, and the issues it must give.
var undoRules = []rule{
	{"nothing wrong", nil, nil},
	{"an event that is undone", []string{`"title":"Failed"`, `"title":"Failed","undone_by":"refund"`}, []string{"undo.host /nodes/8/undone_by"}},
	{"undone by nobody", []string{`"undone_by":"erase"`, `"undone_by":"nobody"`}, []string{"graph.unreachable /nodes/6", "graph.dead_end /nodes/6", "undo.handler /nodes/5/undone_by", "expr.not_before /nodes/6/script/output/also", "expr.scope /nodes/6/script/output/of"}},
	{"undone by an event", []string{`"undone_by":"erase"`, `"undone_by":"out"`}, []string{"graph.unreachable /nodes/6", "graph.dead_end /nodes/6", "undo.handler /nodes/5/undone_by", "expr.not_before /nodes/6/script/output/also", "expr.scope /nodes/6/script/output/of"}},
	{"undone by what lies elsewhere", []string{`"title":"Erase","parent":"part"`, `"title":"Erase"`}, []string{"undo.handler /nodes/5/undone_by", "expr.hidden /nodes/6/script/output/also"}},
	{"undone by itself", []string{`"undone_by":"erase"`, `"undone_by":"enter"`}, []string{"graph.unreachable /nodes/6", "graph.dead_end /nodes/6", "undo.handler /nodes/5/undone_by", "undo.handler_flow /nodes/5", "undo.handler_undone /nodes/5/undone_by", "expr.not_before /nodes/6/script/output/also", "expr.scope /nodes/6/script/output/of"}},
	{"a flow to a handler", []string{`{"id":"i2","from":"enter"`, `{"id":"i3","from":"enter","to":"erase"},{"id":"i2","from":"erase"`}, []string{"undo.handler_flow /nodes/6"}},
	{"a handler that is undone", []string{`"title":"Erase"`, `"title":"Erase","undone_by":"enter"`}, []string{"undo.handler_flow /nodes/5", "undo.handler_undone /nodes/5/undone_by", "undo.handler_undone /nodes/6/undone_by"}},
	{"an event on a handler", []string{`"on":"part"`, `"on":"refund"`}, []string{"undo.handler_border /nodes/8/boundary/on"}},
	{"an event that undoes nobody", []string{`"undoes":"part"`, `"undoes":"nobody"`}, []string{"undo.target /nodes/10/undoes"}},
	{"an event that undoes what lies inside", []string{`"undoes":"part"`, `"undoes":"enter"`}, []string{"undo.target /nodes/10/undoes"}},
	{"an event that undoes what has no handler", []string{`"undone_by":"erase",`, ``, `,"undone_by":"refund"`, ``, `"title":"Undo"`, `"title":"Undo","undoes":"book"`},
		[]string{"graph.unreachable /nodes/2", "graph.dead_end /nodes/2", "graph.unreachable /nodes/6", "graph.dead_end /nodes/6", "undo.target_no_handler /nodes/9/undoes", "undo.target_no_handler /nodes/10/undoes",
			"expr.scope /nodes/2/script/output/fee", "expr.scope /nodes/2/script/output/ok", "expr.scope /nodes/2/script/output/run", "expr.not_before /nodes/6/script/output/also", "expr.scope /nodes/6/script/output/of", "expr.not_before /nodes/11/end/output/fee"}},
	{"handlers that nothing calls", []string{`"kind":"compensation_event","title":"Undo"`, `"kind":"script_task","title":"Undo","script":{"output":{}}`, `"end":{"kind":"compensate"},"undoes":"part"`, `"end":{"kind":"none"}`},
		[]string{"undo.never /nodes/1/undone_by", "undo.never /nodes/5/undone_by", "expr.not_before /nodes/11/end/output/fee"}},
	{"a task that undoes like an event", []string{`"title":"Book"`, `"title":"Book","undoes":"part"`}, []string{"undo.misplaced /nodes/1/undoes"}},
	{"what is undone elsewhere", []string{`"nr":7`, `"nr":"=undone.run"`}, []string{"expr.scope /nodes/5/script/output/nr"}},
	{"a field that what is undone did not get", []string{`undone.input.count`, `undone.input.cuont`}, []string{"expr.type /nodes/2/script/output/fee"}},
	{"a field that what is undone did not give", []string{`undone.output.nr`, `undone.output.rn`}, []string{"expr.type /nodes/6/script/output/of"}},
	{"what undoes inside", []string{`"run":"=undone.run"`, `"run":"=tasks.erase?.of"`}, []string{"expr.hidden /nodes/2/script/output/run"}},
}
