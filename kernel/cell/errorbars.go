package cell

import (
	"fmt"
	"reflect"

	"gonum.org/v1/plot/plotter"
)

// xErrors and yErrors are what plotter.NewXErrorBars and NewYErrorBars take: the
// only functions of preloaded packages whose parameters are interfaces without
// a name, which lowered code spells as any.
type (
	xErrors interface {
		plotter.XYer
		plotter.XErrorer
	}
	yErrors interface {
		plotter.XYer
		plotter.YErrorer
	}
)

func (s *Session) errorBars() map[string]reflect.Value {
	return map[string]reflect.Value{
		"NewXErrorBars": reflect.ValueOf(func(x any) (*plotter.XErrorBars, error) {
			p, ok := s.wrap(x, (*interface {
				plotter.XYer
				plotter.XErrorer
			})(nil)).(xErrors)
			if !ok {
				return nil, fmt.Errorf("plotter: no x errors in nil")
			}
			return plotter.NewXErrorBars(p)
		}),
		"NewYErrorBars": reflect.ValueOf(func(x any) (*plotter.YErrorBars, error) {
			p, ok := s.wrap(x, (*interface {
				plotter.XYer
				plotter.YErrorer
			})(nil)).(yErrors)
			if !ok {
				return nil, fmt.Errorf("plotter: no y errors in nil")
			}
			return plotter.NewYErrorBars(p)
		}),
	}
}
