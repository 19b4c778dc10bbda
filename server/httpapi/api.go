package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
)

// Base is the path that every operation is below.
const Base = "/api/v1"

// API holds the operations over their ports.
type API struct {
	config     Config
	conns      *connections
	huma       huma.API
	operations []*operation
	signIns    *signInLimiter
	trail      *auditTrail
}

// register adds every operation to the router.
func newAPI(config Config, conns *connections, app *fiber.App, router fiber.Router) *API {
	a := &API{config: config, conns: conns, signIns: newSignInLimiter(), trail: newAuditTrail(config.Audit, config.Log)}
	a.huma = humafiber.NewWithGroup(app, router, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Taskurotta", Version: "1",
				Description: "Definitions, processes, tasks and workers. Times are RFC 3339 in UTC, ids are text, every list has a cursor and a total order. " +
					"Refusals are application/problem+json with a stable code. Unsafe requests need the session cookie with this server's Origin, or a bearer token.",
				License: &huma.License{Name: "MIT"},
			},
			Servers: []*huma.Server{{URL: Base}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: SessionCookie},
					"bearer":  {Type: "http", Scheme: "bearer"},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat: "application/json",
	})
	a.huma.UseMiddleware(a.deadline, a.authenticate, a.permit)
	registerLiveTypes(a.huma.OpenAPI().Components.Schemas)
	a.registerSession()
	a.registerUsers()
	a.registerTokens()
	a.registerCatalog()
	a.registerDefinitions()
	a.registerDraft()
	a.registerVersions()
	a.registerTests()
	a.registerExpressions()
	a.registerFiles()
	a.registerProcesses()
	a.registerStart()
	a.registerProcessControl()
	a.registerRestart()
	a.registerMigrate()
	a.registerWaits()
	a.registerTasks()
	a.registerUserTasks()
	a.registerMessages()
	a.registerMessageList()
	a.registerBus()
	a.registerOperations()
	a.registerIncidents()
	a.registerRetention()
	a.registerPauses()
	a.registerDrain()
	a.registerLimits()
	a.registerUsage()
	a.registerAudit()
	a.registerAlerts()
	a.registerBulk()
	a.registerSchedules()
	a.registerCalendars()
	a.registerSecrets()
	a.registerWebhooks()
	a.registerMail()
	a.registerWork()
	a.registerPoolWork()
	return a
}

// OpenAPI returns the document of the API, indented, the same for the same types.
func OpenAPI() ([]byte, error) {
	app := fiber.New()
	a := newAPI(Config{}.withLimits(), &connections{}, app, app)
	return a.document()
}

func (a *API) document() ([]byte, error) {
	raw, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	var whole map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return nil, fmt.Errorf("decode the OpenAPI document: %w", err)
	}
	if err := showDocument(whole); err != nil {
		return nil, err
	}
	indented, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("indent the OpenAPI document: %w", err)
	}
	return append(indented, '\n'), nil
}

// showDocument says what huma may not check: a new definition's document is read by the designer's codec alone, whose
// issues tell more, but clients are to know its type.
func showDocument(whole map[string]any) error {
	at := any(whole)
	for _, name := range []string{"components", "schemas", "CreateDefinition", "properties", "document"} {
		members, _ := at.(map[string]any)
		at = members[name]
	}
	document, found := at.(map[string]any)
	if !found {
		return errors.New("the OpenAPI document has no CreateDefinition.document")
	}
	delete(document, "type")
	delete(document, "additionalProperties")
	document["$ref"] = "#/components/schemas/GraphDocument"
	return nil
}
