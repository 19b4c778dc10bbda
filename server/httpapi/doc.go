// Package httpapi is the product's HTTP API: /api/v1, health, readiness and metrics, with the web app beside them.
//
// A handler decodes, validates, calls one of the ports (ports.go) and maps the answer; the rules of the product live behind
// the ports. The package owns every type that crosses the wire, so the OpenAPI document follows from it alone, and imports
// neither engine nor designer services: server/app connects them. No *fiber.Ctx leaves the package, and nothing
// taken from one outlives its call.
package httpapi

//go:generate go run ./cmd/openapi ../../frontend/openapi.json
