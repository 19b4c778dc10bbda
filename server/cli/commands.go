package cli

import (
	"context"

	"github.com/taskurotta/taskurotta-go/server/config"
)

type handler func(ctx context.Context, c *config.CLI, at Terminal) error

// commands is every command of this package, by the path that kong gives it.
var commands = map[string]handler{
	"process start <definition>": on(func(c *config.CLI) config.ProcessStart { return c.Process.Start }, (*session).start),
	"process search":             on(func(c *config.CLI) config.ProcessSearch { return c.Process.Search }, (*session).search),
	"process show <process>":     on(func(c *config.CLI) config.ProcessShow { return c.Process.Show }, (*session).show),
	"process tree <process>":     on(func(c *config.CLI) config.ProcessTree { return c.Process.Tree }, (*session).tree),
	"process children <process>": on(func(c *config.CLI) config.ProcessChildren { return c.Process.Children }, (*session).children),
	"process events <process>":   on(func(c *config.CLI) config.ProcessEvents { return c.Process.Events }, (*session).events),
	"process retry <process>":    on(func(c *config.CLI) config.ProcessRetry { return c.Process.Retry }, (*session).retry),
	"process skip <process>":     on(func(c *config.CLI) config.ProcessSkip { return c.Process.Skip }, (*session).skip),
	"process cancel <process>":   on(func(c *config.CLI) config.ProcessControl { return c.Process.Cancel }, control("cancel")),
	"process suspend <process>":  on(func(c *config.CLI) config.ProcessControl { return c.Process.Suspend }, control("suspend")),
	"process resume <process>":   on(func(c *config.CLI) config.ProcessControl { return c.Process.Resume }, control("resume")),
	"process restart <process>":  on(func(c *config.CLI) config.ProcessRestart { return c.Process.Restart }, (*session).restart),

	"process restart-from <process>": on(func(c *config.CLI) config.ProcessRestartFrom { return c.Process.RestartFrom }, (*session).restartFrom),
	"process migrate <process>":      on(func(c *config.CLI) config.ProcessMigrate { return c.Process.Migrate }, (*session).migrate),
	"process entry <process>":        on(func(c *config.CLI) config.ProcessEntry { return c.Process.Entry }, (*session).entry),
	"process fire <process>":         on(func(c *config.CLI) config.ProcessFire { return c.Process.Fire }, (*session).fire),
	"process message <process>":      on(func(c *config.CLI) config.ProcessMessage { return c.Process.Message }, (*session).messageTo),

	"process priority <process>": on(func(c *config.CLI) config.ProcessPriority { return c.Process.Priority }, (*session).prioritise),
	"process delete <process>":   on(func(c *config.CLI) config.ProcessControl { return c.Process.Delete }, control("delete")),

	"demo load": on(func(c *config.CLI) config.DemoLoad { return c.Demo.Load }, (*session).load),

	"worker pause <kind> <name>":  on(func(c *config.CLI) config.WorkerPause { return c.Worker.Pause }, pausing("/pauses", "paused")),
	"worker resume <kind> <name>": on(func(c *config.CLI) config.WorkerPause { return c.Worker.Resume }, pausing("/pauses/resume", "resumed")),
	"worker pauses":               on(func(c *config.CLI) config.WorkerPauses { return c.Worker.Pauses }, (*session).pauses),
	"worker drain":                on(func(c *config.CLI) config.WorkerDrain { return c.Worker.Drain }, (*session).drain),
	"worker drain <worker>":       on(func(c *config.CLI) config.WorkerDrain { return c.Worker.Drain }, (*session).drain),
	"worker undrain":              on(func(c *config.CLI) config.WorkerUndrain { return c.Worker.Undrain }, (*session).undrain),
	"worker undrain <worker>":     on(func(c *config.CLI) config.WorkerUndrain { return c.Worker.Undrain }, (*session).undrain),
	"worker limit <type>":         on(func(c *config.CLI) config.WorkerLimit { return c.Worker.Limit }, (*session).limit),
	"worker unlimit <type>":       on(func(c *config.CLI) config.WorkerUnlimit { return c.Worker.Unlimit }, (*session).unlimit),
	"worker limits":               on(func(c *config.CLI) config.WorkerLimits { return c.Worker.Limits }, (*session).limits),

	"task list":            on(func(c *config.CLI) config.TaskList { return c.Task.List }, (*session).userTasks),
	"task show <task>":     on(func(c *config.CLI) config.TaskShow { return c.Task.Show }, (*session).showUserTask),
	"task claim <task>":    on(func(c *config.CLI) config.TaskShow { return c.Task.Claim }, claiming("claim", "claimed")),
	"task release <task>":  on(func(c *config.CLI) config.TaskShow { return c.Task.Release }, claiming("release", "released")),
	"task complete <task>": on(func(c *config.CLI) config.TaskComplete { return c.Task.Complete }, (*session).complete),
	"message send <name>":  on(func(c *config.CLI) config.MessageSend { return c.Message.Send }, (*session).message),
	"message list":         on(func(c *config.CLI) config.MessageList { return c.Message.List }, (*session).messages),
	"message show <id>":    on(func(c *config.CLI) config.MessageShow { return c.Message.Show }, (*session).showMessage),
	"message delete <id>":  on(func(c *config.CLI) config.MessageDelete { return c.Message.Delete }, (*session).deleteMessage),

	"bulk prepare <operation>": on(func(c *config.CLI) config.BulkPrepare { return c.Bulk.Prepare }, (*session).prepareBulk),
	"bulk run <job>":           on(func(c *config.CLI) config.BulkRun { return c.Bulk.Run }, (*session).runBulk),
	"bulk show <job>":          on(func(c *config.CLI) config.BulkShow { return c.Bulk.Show }, (*session).showBulk),
	"bulk items <job>":         on(func(c *config.CLI) config.BulkItems { return c.Bulk.Items }, (*session).bulkItems),
	"bulk abort <job>":         on(func(c *config.CLI) config.BulkShow { return c.Bulk.Abort }, (*session).abortBulk),
	"bulk list":                on(func(c *config.CLI) config.BulkList { return c.Bulk.List }, (*session).bulkJobs),

	"schedule list":                on(func(c *config.CLI) config.ScheduleList { return c.Schedule.List }, (*session).schedules),
	"schedule show <schedule>":     on(func(c *config.CLI) config.ScheduleShow { return c.Schedule.Show }, (*session).showSchedule),
	"schedule create <definition>": on(func(c *config.CLI) config.ScheduleCreate { return c.Schedule.Create }, (*session).createSchedule),
	"schedule pause <schedule>":    on(func(c *config.CLI) config.ScheduleTurn { return c.Schedule.Pause }, turning("pause", "paused")),
	"schedule resume <schedule>":   on(func(c *config.CLI) config.ScheduleTurn { return c.Schedule.Resume }, turning("resume", "resumed")),
	"schedule run <schedule>":      on(func(c *config.CLI) config.ScheduleRun { return c.Schedule.Run }, (*session).runSchedule),
	"schedule delete <schedule>":   on(func(c *config.CLI) config.ScheduleShow { return c.Schedule.Delete }, (*session).deleteSchedule),
	"schedule history <schedule>":  on(func(c *config.CLI) config.ScheduleHistory { return c.Schedule.History }, (*session).scheduleHistory),

	"secret list":          on(func(c *config.CLI) config.SecretList { return c.Secret.List }, (*session).secrets),
	"secret set <name>":    on(func(c *config.CLI) config.SecretSet { return c.Secret.Set }, (*session).setSecret),
	"secret delete <name>": on(func(c *config.CLI) config.SecretDelete { return c.Secret.Delete }, (*session).deleteSecret),

	"worker list": on(func(c *config.CLI) config.WorkerList { return c.Worker.List }, (*session).workers),

	"incident list":   on(func(c *config.CLI) config.IncidentList { return c.Incident.List }, (*session).incidents),
	"incident groups": on(func(c *config.CLI) config.IncidentList { return c.Incident.Groups }, (*session).incidentGroups),
	"incident retry":  on(func(c *config.CLI) config.IncidentRetry { return c.Incident.Retry }, (*session).retryIncidents),
	"incident skip":   on(func(c *config.CLI) config.IncidentSkip { return c.Incident.Skip }, (*session).skipIncidents),
	"incident cancel": on(func(c *config.CLI) config.IncidentCancel { return c.Incident.Cancel }, (*session).cancelIncidents),

	"retention list":    on(func(c *config.CLI) config.RetentionList { return c.Retention.List }, (*session).retentions),
	"retention preview": on(func(c *config.CLI) config.RetentionPreview { return c.Retention.Preview }, (*session).previewRetention),
	"retention set":     on(func(c *config.CLI) config.RetentionSet { return c.Retention.Set }, (*session).setRetention),

	"definition list":          on(func(c *config.CLI) config.DefinitionList { return c.Definition.List }, (*session).definitions),
	"definition export <key>":  on(func(c *config.CLI) config.DefinitionExport { return c.Definition.Export }, (*session).export),
	"definition import <file>": on(func(c *config.CLI) config.DefinitionImport { return c.Definition.Import }, (*session).importDraft),
	"definition publish <key>": on(func(c *config.CLI) config.DefinitionPublish { return c.Definition.Publish }, (*session).publish),

	"definition diff <before>":         on(func(c *config.CLI) config.DefinitionDiff { return c.Definition.Diff }, (*session).diff),
	"definition diff <before> <after>": on(func(c *config.CLI) config.DefinitionDiff { return c.Definition.Diff }, (*session).diff),
}

// on makes a handler of a command's flags and what it does.
func on[C interface{ Via() config.Remote }](flags func(*config.CLI) C, do func(*session, context.Context, C) error) handler {
	return func(ctx context.Context, c *config.CLI, at Terminal) error {
		chosen := flags(c)
		remote := chosen.Via()
		client, err := newClient(remote)
		if err != nil {
			return err
		}
		return do(&session{Terminal: at, client: client, json: remote.Output == "json"}, ctx, chosen)
	}
}

// Known reports whether a command is one of this package.
func Known(command string) bool { return commands[command] != nil }

// Run runs a command that is Known.
func Run(ctx context.Context, command string, c *config.CLI, at Terminal) error {
	return commands[command](ctx, c, at)
}
