//! Charts: data → model → layout (pure) → view (SVG). They know no page and fetch nothing.
