package validate_test

// begun is a document without an issue that begins in every way.
const begun = `{"schema":1,"nodes":[
{"id":"daily","kind":"start_event","title":"Daily","start":{"kind":"schedule","schedule":{"cron":"30 2 * * *","zone":"Europe/Berlin","input":{"name":"=string(now())","n":1}},"custom_id":"{{input.name}}"}},
{"id":"start","kind":"start_event","title":"Start","start":{"input_schema":{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"integer"}},"required":["name"],"additionalProperties":false},"search_keys":["name"],"one_active":true}},
{"id":"came","kind":"start_event","title":"Came","start":{"kind":"message","message":"order","input":{"name":"=input.order.name"}}},
{"id":"paid","kind":"start_event","title":"Paid","start":{"kind":"message","message":"paid"}},
{"id":"called","kind":"start_event","title":"Called","start":{"kind":"webhook","webhook":{"check":"hmac","secret":"secret://orders"},"input":{"name":"=input.name"},"custom_id":"=input.name"}},
{"id":"open","kind":"start_event","title":"Open","start":{"kind":"webhook","webhook":{"check":"path"}}},
{"id":"do","kind":"script_task","title":"Do","script":{"output":{"x":"=input.name"}}},
{"id":"end","kind":"end_event","title":"End","end":{"kind":"none"}}],
"edges":[
{"id":"e1","from":"daily","to":"do"},{"id":"e2","from":"start","to":"do"},{"id":"e3","from":"came","to":"do"},{"id":"e4","from":"paid","to":"do"},
{"id":"e5","from":"called","to":"do"},{"id":"e6","from":"open","to":"do"},{"id":"e7","from":"do","to":"end"}]}`

// begunRules is one case or more per code of starts.
var begunRules = []rule{
	{"nothing wrong with any start", nil, nil},
	{"a rule of four fields", []string{`"30 2 * * *"`, `"30 2 * *"`}, []string{"timer.value /nodes/0/start/schedule/cron"}},
	{"a rule that never comes", []string{`"30 2 * * *"`, `"30 2 31 2 *"`}, []string{"timer.value /nodes/0/start/schedule/cron"}},
	{"a zone of nowhere", []string{`Europe/Berlin`, `Europe/Tver`}, []string{"timer.zone /nodes/0/start/schedule/zone"}},
	{"an input out of nothing", []string{`"=string(now())"`, `"=input.name"`}, []string{"expr.scope /nodes/0/start/schedule/input/name"}},
	{"an input of a process that is not there yet", []string{`"=string(now())"`, `"=process.id"`}, []string{"expr.scope /nodes/0/start/schedule/input/name"}},
	{"an input of a step", []string{`"=string(now())"`, `"=tasks.do.x"`}, []string{"expr.unknown_task /nodes/0/start/schedule/input/name"}},
	{"a schedule that forgets a field", []string{`"name":"=string(now())",`, ``}, []string{"service.input_missing /nodes/0/start/schedule/input/name"}},
	{"a schedule that invents a field", []string{`"=string(now())"`, `"x","other":1`}, []string{"service.input_unknown /nodes/0/start/schedule/input/other"}},
	{"a schedule that gives the wrong type", []string{`"n":1`, `"n":"one"`}, []string{"service.input_value /nodes/0/start/schedule/input/n"}},
	{"a kind that nobody knows", []string{`"kind":"message","message":"paid"`, `"kind":"telepathy"`}, []string{"start.kind /nodes/3/start/kind"}},
	{"a message without a name to start", []string{`,"message":"paid"`, ``}, []string{"start.member /nodes/3/start/message"}},
	{"a schedule of a message", []string{`"message":"paid"`, `"message":"paid","schedule":{"cron":"0 0 * * *"}`}, []string{"start.member /nodes/3/start/schedule"}},
	{"a customId that people give", []string{`"one_active":true`, `"custom_id":"x"`}, []string{"start.member /nodes/1/start/custom_id"}},
	{"a message that two wait for", []string{`"message":"paid"`, `"message":"order"`}, []string{"start.message_twice /nodes/3/start/message"}},
	{"a second description of the input", []string{`"message":"paid"`, `"message":"paid","input_schema":{"type":"object"},"search_keys":["name"],"one_active":true,"time_limit_ms":60000`},
		[]string{"start.second_input /nodes/3/start/input_schema", "start.second_input /nodes/3/start/search_keys", "start.second_input /nodes/3/start/one_active", "start.second_input /nodes/3/start/time_limit_ms"}},
	{"a limit that is no time", []string{`"one_active":true`, `"one_active":true,"time_limit_ms":999`}, []string{"start.time_limit /nodes/1/start/time_limit_ms"}},
	{"a secret without a name", []string{`secret://orders`, `orders`}, []string{"start.secret /nodes/4/start/webhook/secret"}},
	{"a secret of an open path", []string{`"check":"path"`, `"check":"path","secret":"secret://x"`}, []string{"start.secret /nodes/5/start/webhook/secret"}},
	{"a check that nobody knows", []string{`"check":"path"`, `"check":"smile"`}, []string{"start.check /nodes/5/start/webhook/check"}},
	{"a field that the schema does not know", []string{`"custom_id":"=input.name"`, `"custom_id":"=input.naem_"`}, []string{"expr.type /nodes/4/start/custom_id"}},
	{"a message that forgets a field", []string{`"input":{"name":"=input.order.name"}`, `"input":{}`}, []string{"service.input_missing /nodes/2/start/input/name"}},
}
