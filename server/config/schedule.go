package config

// Schedule works with schedules.
type Schedule struct {
	List    ScheduleList    `cmd:"" help:"List schedules by name."`
	Show    ScheduleShow    `cmd:"" help:"Show a schedule with its next times."`
	Create  ScheduleCreate  `cmd:"" help:"Add a schedule."`
	Pause   ScheduleTurn    `cmd:"" help:"Let a schedule rest: what waits is skipped, what runs goes on."`
	Resume  ScheduleTurn    `cmd:"" help:"Let a schedule fire again, from now on."`
	Run     ScheduleRun     `cmd:"" help:"Start a process of a schedule now."`
	Delete  ScheduleShow    `cmd:"" help:"Delete a schedule with its history; processes that it started stay."`
	History ScheduleHistory `cmd:"" help:"List what became of each time of a schedule, newest first."`
}

// WhichSchedule is the schedule that a command is about.
type WhichSchedule struct {
	Schedule string `arg:"" help:"Id of the schedule, or its name when no other has it."`
}

// ScheduleList lists schedules.
type ScheduleList struct {
	Remote
	Page
	Definition string `help:"Key of the definition."`
	State      string `enum:",active,paused,stopped,retired" default:"" help:"active, paused, stopped (by its limit of errors) or retired." placeholder:"STATE"`
	Name       string `help:"That the name holds." placeholder:"TEXT"`
}

// ScheduleShow is a command about one schedule.
type ScheduleShow struct {
	Remote
	WhichSchedule
}

// ScheduleCreate adds a schedule.
type ScheduleCreate struct {
	Remote
	Definition  string `arg:"" help:"Key of the definition."`
	Name        string `required:"" help:"Name." placeholder:"TEXT"`
	Cron        string `required:"" help:"Five fields: minute, hour, day of the month, month, day of the week." placeholder:"RULE"`
	Zone        string `help:"IANA time zone; default: UTC." placeholder:"ZONE"`
	Version     int    `help:"Version to run; default: the latest when it fires." placeholder:"N"`
	Input       string `help:"JSON object, whose texts may be expressions; @file reads it from a file, - from the standard input." placeholder:"JSON"`
	CustomID    string `help:"CustomId of the processes: a text, a template or an expression." placeholder:"TEXT"`
	Priority    int    `default:"0" help:"1 (urgent) to 5; 0 means the default, 3."`
	Misfire     string `enum:"skip,run_once,catch_up" default:"run_once" help:"Of times that came while no server ran: skip, run_once or catch_up."`
	CatchUpMost int    `default:"10" help:"Of catch_up: how many at most."`
	LateAfter   int    `default:"60" help:"A time noticed so many seconds late was missed."`
	Overlap     string `enum:"allow,skip,queue,cancel_old" default:"allow" help:"Of a time that comes while --max-running processes of it run: allow, skip, queue or cancel_old."`
	MaxRunning  int    `default:"1" help:"Processes of it at a time, unless --overlap is allow."`
	MaxErrors   int    `default:"0" help:"So many failures in a row stop it; 0 means no limit."`
}

// ScheduleTurn pauses or resumes a schedule.
type ScheduleTurn struct {
	Remote
	Reason
	WhichSchedule
}

// ScheduleRun starts a process of a schedule.
type ScheduleRun struct {
	Remote
	WhichSchedule
	IdempotencyKey string `help:"The same key starts one process." placeholder:"KEY"`
}

// ScheduleHistory lists a schedule's history.
type ScheduleHistory struct {
	Remote
	Page
	WhichSchedule
}
