// Package page makes one HTML page of reports: what was measured on what, figures and
// tables, and how to read them. The page is one file that needs nothing from anywhere
// and no script, in light and dark, on wide and narrow screens and on paper. It also
// carries the reports as JSON.
package page
