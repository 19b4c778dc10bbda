package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/demo/paper"
)

// asking is a process that asks the registry and waits for its answer.
const asking = `{"schema":1,"nodes":[
	{"id":"start","kind":"start_event","title":"Start","start":{}},
	{"id":"ask","kind":"service_task","title":"Ask","service":{"type":"bus.send@1","input":{"bus":"registry","action":"registry.information.request","key":"=process.custom_id","format":"FORMAT",
		"payload":{"root":"request","elements":[{"name":"kind","value":"parcel"},{"name":"cadastral_number","value":"NUMBER"}]}}}},
	{"id":"answer","kind":"message_event","title":"Answer","message":{"name":"registry.information.answer","key":"=process.custom_id"}},
	{"id":"end","kind":"end_event","title":"End","end":{"kind":"none","output":{"area":"=int(tasks.answer.body.area)"}}}],
	"edges":[{"id":"a","from":"start","to":"ask"},{"id":"b","from":"ask","to":"answer"},{"id":"c","from":"answer","to":"end"}]}`

// asking goes the whole way in both formats: server, PostgreSQL, Redis, worker, bus and back, with every fault of transport.
func (o *office) asking(t *testing.T) {
	number := o.pick(t, paper.None, o.usual).CadastralNumber
	for _, format := range []string{"soap", "xml"} {
		t.Run("whoever waits is woken by "+format, func(t *testing.T) {
			t.Parallel()
			var document map[string]any
			require.NoError(t, json.Unmarshal([]byte(strings.NewReplacer("FORMAT", format, "NUMBER", number).Replace(asking)), &document))
			o.publish(t, "asking-"+format, document)
			first := 0
			for i := range 10 {
				o.start(t, "asking-"+format, format+string(rune('a'+i)), map[string]any{})
			}
			completed := func() []process { return o.processes(t, "state=completed&definition=asking-"+format) }
			require.Eventually(t, func() bool { return len(completed()) == 10 }, patience, glance)
			for _, p := range completed() {
				var one struct{ Output struct{ Area int } }
				o.get(t, "/api/v1/processes/"+p.ID, &one)
				require.Positive(t, one.Output.Area)
				if first == 0 {
					first = one.Output.Area
				}
				require.Equal(t, first, one.Output.Area, "whoever asks is told the same")
			}
		})
	}
}
