/**
 * Result codes of message push: mPaaS MPS server API, "result codes", and those of the template
 * actions. Each number has a name and a text; the names keep the vendor's spelling.
 */
export const MPS_CODES: Readonly<Record<string, readonly [name: string, text: string]>> = {
  '100': ['SUCCESS', ''],
  '-1': ['SIGNATURE_MISMATCH', 'the signature does not match'],
  '3001': ['NEED_DELIVERYTOKEN', 'need token'],
  '3002': ['NEED_FILE', 'need file'],
  '3003': ['NEED_APPID_WORKSPACEID', 'need appId and workspaceId'],
  '3007': ['APPID_WRONG', 'appId or workspaceId is not valid'],
  '3008': ['OS_TYPE_NOT_SUPPORTED', 'ostype not support'],
  '3009': ['DELIVERY_TYPE_NOT_SUPPORTED', 'delivery not support'],
  '3012': ['NEED_USERID', 'need userid'],
  '3019': ['TASKNAME_NULL', 'need task name'],
  '3020': ['EXPIREDSECONDS_WRONG', 'expiredSeconds is not valid'],
  '3021': ['TOKEN_OR_USERID_NULL', 'need target'],
  '3022': ['TEMPLATE_NOT_EXIST', 'template not exist'],
  '3023': ['TEMPLATEKV_NOT_ENOUGH', 'template values do not match the placeholders'],
  '3024': ['PAYLOAD_NOT_ENOUGH', 'need title and content'],
  '3025': ['NEED_TEMPLATE', 'need template'],
  '3026': ['EXPIREDTIME_TOO_LONG', 'the message would be valid for too long'],
  '3028': ['INVALID_PARAM', 'param is invalid'],
  '3029': ['SINGLE_PUSH_TARGET_TOO_MUCH', 'too many targets'],
  '3030': ['BROADCAST_ONLY_SUPPORT_BY_DEVICE', 'broadcasts go to devices only'],
  '3031': ['REQUEST_SHOULD_BE_UTF8', 'the request must be UTF-8'],
  '3032': ['REST_API_SWITCH_NOT_OPEN', 'the push API is switched off for this app'],
  '3033': ['UNKNOWN_REST_SIGN_TYPE', 'the signature type is not supported'],
  '3035': ['EXTEND_PARAM_TO_MUCH', 'more than 20 extended parameters'],
  '3036': ['TEMPLATE_ALREADY_EXIST', 'template exists already'],
  '3037': ['TEMPLATE_NAME_NULL', 'need template name'],
  '3038': ['TEMPLATE_NAME_INVALID', 'template name is not valid'],
  '3039': ['TEMPLATE_CONTENT_INVALID', 'template content is not valid'],
  '3040': ['TEMPLATE_TITLE_INVALID', 'template title is not valid'],
  '3041': ['TEMPLATE_DESC_INFO_INVALID', 'template description is not valid'],
  '3042': ['TEMPLATE_URI_INVALID', 'template uri is not valid'],
  '3043': ['SINGLE_PUSH_CONTENT_TOO_LONG', 'the message is too long'],
  '3044': ['INVALID_EXTEND_PARAM', 'extended parameters are not valid'],
  '3049': ['MULTIPLE_INNER_EXTEND_PARAM_TO_MUCH', 'more than 9 extended parameters of one target'],
  '3050': ['MSG_PAYLOAD_TOO_LONG', 'the message body is too long'],
  '3051': ['BROADCAST_ALL_USER_NEED_UNBIND_PERIOD', 'need unBindPeriod'],
  '3052': ['BROADCAST_ALL_USER_UNBIND_PERIOD_INVALID', 'unBindPeriod is not valid'],
  '3053': [
    'BROADCAST_ALL_USER_NOT_SUPPORT_SELFCHANNEL_ANDROID',
    'a broadcast to all users cannot use the own channel',
  ],
  '3054': ['DELIVERYTOKEN_INVALID', 'token is not valid'],
  '3055': ['MULTIPLE_TARGET_NUMBER_TOO_MUCH', 'too many targets'],
  '3056': ['TEMPLATE_NUM_TOO_MUCH', 'too many templates'],
  '3057': ['ANDROID_CHANNEL_PARAM_INVALID', 'androidChannel is not valid'],
  '3058': ['BADGE_ADD_NUM_INVALID', 'badge_add_num is not valid'],
  '3059': ['BADGE_ADD_NUM_NEED_BADGE_CLASS', 'badge_add_num needs badge_class'],
  '8011': ['FLOW_CONTROL_ERROR', 'too many calls'],
  '8012': ['INVALID_INSTANCE_ID', 'the instance is not valid'],
  '8013': ['INVALID_TENANT_ID', 'the tenant is not valid'],
  '8014': ['ACCOUNT_NO_PERMISSION', 'the access key has no permission for this appId and workspaceId'],
  '9000': ['SYSTEM_ERROR', 'system error'],
};

/**
 * The message of a result code: its name, then its text, then the detail. Clients that know the
 * names and clients that know the texts both find theirs.
 */
export function mpsMessage(code: string, detail: string): string {
  const [name, text] = MPS_CODES[code] ?? ['SYSTEM_ERROR', 'system error'];
  return [text === '' ? name : `${name}: ${text}`, detail].filter((part) => part !== '').join(': ');
}

/** A push service's no, with a code of {@link MPS_CODES}. */
export class PushRefusal extends Error {
  override readonly name = 'PushRefusal';
  readonly code: string;

  /** @param detail what to do about it, or empty when the code says all */
  constructor(code: string, detail = '') {
    super(detail);
    this.code = code;
  }
}
