import { AnythingField } from "./AnythingField";
import { EitherField } from "./EitherField";
import { ListField } from "./ListField";
import { MapField } from "./MapField";
import { NullableField } from "./NullableField";
import type { PlaceProps } from "./place";
import { ScalarField } from "./ScalarField";
import { SectionField } from "./SectionField";
import { shapeOf } from "./shape";
import { TaggedField } from "./TaggedField";

/** Draws any place of any schema: it looks at the type alone. */
export function SchemaField(props: PlaceProps) {
  const shape = shapeOf(props.node);
  switch (shape.type) {
    case "constant":
      return null; // there is nothing to choose: whoever opens the section writes it
    case "choice":
    case "flag":
    case "number":
    case "text":
      return <ScalarField {...props} />;
    case "section":
      return <SectionField {...props} />;
    case "list":
      return <ListField {...props} shape={shape} />;
    case "map":
      return <MapField {...props} shape={shape} />;
    case "nullable":
      return <NullableField {...props} inner={shape.inner} />;
    case "tagged":
      return <TaggedField {...props} shape={shape} />;
    case "either":
      return <EitherField {...props} variants={shape.variants} />;
    case "anything":
      return <AnythingField {...props} />;
  }
}
