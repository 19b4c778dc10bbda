package app_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/server/app"
	"github.com/taskurotta/taskurotta-go/server/config"
	"github.com/taskurotta/taskurotta-go/server/demo/registry"
)

// asking is a process that asks the registry and waits for its answer.
const asking = `{"schema":1,"nodes":[
	{"id":"start","kind":"start_event","title":"Start","start":{}},
	{"id":"ask","kind":"service_task","title":"Ask","service":{"type":"bus.send@1","input":{"bus":"registry","action":"registry.information.request","key":"=process.custom_id","format":"FORMAT",
		"payload":{"root":"request","elements":[{"name":"kind","value":"parcel"},{"name":"cadastral_number","value":"77:01:0001001:12"}]}}}},
	{"id":"answer","kind":"message_event","title":"Answer","message":{"name":"registry.information.answer","key":"=process.custom_id"}},
	{"id":"end","kind":"end_event","title":"End","end":{"kind":"none","output":{"area":"=int(tasks.answer.body.area)"}}}],
	"edges":[{"id":"a","from":"start","to":"ask"},{"id":"b","from":"ask","to":"answer"},{"id":"c","from":"answer","to":"end"}]}`

// TestTheRegistryWakesWhoeverWaits goes the whole way: server, PostgreSQL, Redis, worker, bus and back, with every fault of transport.
func TestTheRegistryWakesWhoeverWaits(t *testing.T) {
	dev, err := app.NewDev(t.Context(), config.Dev{Data: t.TempDir()}, "test", quiet(t))
	require.NoError(t, err)
	t.Cleanup(dev.Stop)
	require.NoError(t, dev.StartEmpty(t.Context()))
	require.NoError(t, dev.StartRegistry(t.Context()))
	require.NoError(t, dev.AwaitTypes(t.Context(), "bus.send@1"))
	require.NoError(t, dev.Registry.Behave(t.Context(), registry.Faults{
		DelayMax: 100 * time.Millisecond, Duplicate: 0.5, Early: 0.3, LostAck: 0.3,
	}))
	url, err := dev.SignInURL(t.Context())
	require.NoError(t, err)
	b, _ := visit(t, url)
	for _, format := range []string{"soap", "xml"} {
		var document map[string]any
		require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(asking, "FORMAT", format)), &document))
		b.publish(t, "asking-"+format, document)
		for i := range 10 {
			b.start(t, "asking-"+format, format+string(rune('a'+i)), map[string]any{})
		}
	}
	require.Eventually(t, func() bool { return len(b.processes(t, "state=completed")) == 20 }, time.Minute, 50*time.Millisecond)
	var first struct {
		Output struct{ Area int }
	}
	for _, p := range b.processes(t, "state=completed") {
		var one struct {
			Output struct{ Area int }
		}
		b.get(t, "/api/v1/processes/"+p.ID, &one)
		if first.Output.Area == 0 {
			first = one
		}
		require.Positive(t, one.Output.Area)
		require.Equal(t, first, one, "whoever asks is told the same")
	}
}
