//! Charts: data → model (domains, levels) → layout (pixels, pure) → view (SVG without logic).
//! The parts here serve every chart; each chart has its own folder. They know no page and
//! fetch nothing.

pub mod bubble;
pub mod timeline;

pub mod axis;
pub mod legend;
pub mod number;
pub mod order;
pub mod rect;
pub mod scale;
pub mod sketch;
pub mod ticks;
