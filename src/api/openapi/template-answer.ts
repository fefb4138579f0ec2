import { placeholders, type Template } from '../../push/templates.js';
import type { Fields } from './families.js';

/** A template as GetTemplate and ListTemplatePage show it: all fields are texts. */
export function shownTemplate(template: Template): Fields {
  return {
    Id: template.id,
    Name: template.name,
    DescInfo: template.description,
    Title: template.title,
    Content: template.content,
    Action: String(template.action),
    Uri: template.uri,
    Variables: placeholders(template).join(','),
    ShowStyle: template.silent ? '1' : '0',
    PushStyle: String(template.style),
    ImageUrls: template.imageUrls,
    IconUrls: template.iconUrls,
    GmtCreate: String(template.createdMs),
    GmtModified: String(template.changedMs),
  };
}
