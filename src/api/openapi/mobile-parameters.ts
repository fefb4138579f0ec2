/** Parameters that the actions of Mobile Push share: its OpenAPI, version 2015-08-27. */
import { choice, commaList, integer, line, numberChoice, optional, required, text } from './parameters.js';

export const MAX_MOBILE_TARGETS = 100;
export const MAX_DEVICES = 1000;
export const MAX_TAGS_OF_CALL = 10;
/** Titles: a Chinese character counts as one. */
export const TITLE_CHARACTERS = 20;
const MAX_TEXT = 4096;

export const APP_KEY = {
  AppKey: required(integer(1, Number.MAX_SAFE_INTEGER), 'The app.'),
  RegionId: optional(line(100), 'Taken and ignored.'),
} as const;

export const TARGET = {
  Target: required(
    choice(['device', 'account', 'alias', 'tag', 'all']),
    'What TargetValue names. In any case: newer clients send upper case.',
  ),
  TargetValue: required(
    text(65_536),
    `Devices, accounts or aliases, comma between, at most ${MAX_MOBILE_TARGETS}; a tag or a tag expression; or \`all\`.`,
  ),
} as const;

export const MESSAGE = { Message: required(text(MAX_TEXT), 'Content of the message.') } as const;
export const SUMMARY = { Summary: required(text(MAX_TEXT), 'Content of the notice.') } as const;
export const body = text(MAX_TEXT);

export const TITLE = {
  Title: required(text(TITLE_CHARACTERS), 'Title; a Chinese character counts as one.'),
} as const;

export const ANDROID_EXT = {
  AndroidExtParameters: optional(text(MAX_TEXT), 'Own data for the app, a JSON object.'),
} as const;

export const IOS_EXT = {
  iOSExtParameters: optional(text(MAX_TEXT), 'Own data for the app, a JSON object.'),
} as const;

export const apnsEnvironment = choice(['DEV', 'PRODUCT']);

export const CLIENT_KEYS = {
  ClientKey: required(commaList(MAX_DEVICES, 256), 'Devices or accounts, comma between.'),
  KeyType: required(numberChoice([1, 2]), 'What ClientKey names: 1 devices, 2 accounts.'),
} as const;

export const TAG_NAMES = {
  TagName: required(commaList(MAX_TAGS_OF_CALL, 128), 'Tags, comma between.'),
} as const;
