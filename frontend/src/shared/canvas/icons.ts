// Icons that node types may name, by their Tabler names. A bundle can't hold all five thousand; an unknown name gets a box.

import {
  IconAbacus, IconAddressBook, IconAlertTriangle, IconApi, IconArchive, IconArrowsExchange, IconArrowsShuffle, IconArrowsSplit,
  IconBell, IconBellRinging, IconBinaryTree, IconBolt, IconBox, IconBoxMultiple, IconBraces, IconBrandTelegram, IconBriefcase,
  IconBuildingBank, IconBusStop, IconCalculator, IconCalendar, IconCalendarEvent, IconCamera, IconCash, IconCashBanknote, IconCertificate,
  IconChartBar, IconChecklist, IconCircle, IconCircleCheck, IconCircleDashed, IconClipboardCheck, IconClipboardList, IconClock,
  IconClockHour4, IconCloud, IconCode, IconCoin, IconCpu, IconCreditCard, IconDatabase, IconDatabaseImport, IconDatabaseSearch,
  IconDeviceFloppy, IconDiamond, IconExternalLink, IconEye, IconFile, IconFileAnalytics, IconFileCertificate, IconFileCheck,
  IconFileCode, IconFileDescription, IconFileDiff, IconFileExport, IconFileImport, IconFileInvoice, IconFileSearch, IconFileText,
  IconFileTextAi, IconFileTypeCsv, IconFileTypePdf, IconFileTypeXml, IconFileZip, IconFiles, IconFilter, IconFingerprint,
  IconFlag, IconFlask, IconFolder, IconGauge, IconGavel, IconGitBranch, IconHash, IconHome, IconHourglass, IconHttpGet,
  IconHttpPost, IconId, IconInbox, IconKey, IconLanguage, IconLink, IconListCheck, IconListDetails, IconLock, IconMail,
  IconMailOpened, IconMap, IconMapPin, IconMessage, IconMessage2, IconNotebook, IconNotes, IconPaperclip, IconPentagon,
  IconPercentage, IconPhone, IconPhoto, IconPlayerPlay, IconPlayerTrackPrev, IconPlug, IconPlus, IconPrinter, IconPuzzle,
  IconQrcode, IconReceipt, IconRefresh, IconRepeat, IconReport, IconReportMoney, IconRobot, IconRubberStamp, IconScale, IconScan,
  IconSearch, IconSend, IconServer, IconSettings, IconShield, IconShieldCheck, IconShieldLock, IconSignature, IconSitemap,
  IconSortAscending, IconTable, IconTag, IconTerminal2, IconTestPipe, IconTicket, IconTool, IconTransform, IconTruck, IconUpload,
  IconUser, IconUsers, IconVariable, IconWebhook, IconWorld, IconWorldSearch, IconWorldWww, IconWriting, IconWritingSign, IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import { createElement } from 'react';

import type { NodeType } from '../graph/node-type';
import type { NodeKind } from '../graph/types';

export const BY_NAME: Readonly<Record<string, TablerIcon>> = {
  abacus: IconAbacus, 'address-book': IconAddressBook, 'alert-triangle': IconAlertTriangle, api: IconApi, archive: IconArchive,
  'arrows-exchange': IconArrowsExchange, 'arrows-shuffle': IconArrowsShuffle, 'arrows-split': IconArrowsSplit, bell: IconBell,
  'bell-ringing': IconBellRinging, 'bus-stop': IconBusStop, 'binary-tree': IconBinaryTree, bolt: IconBolt, box: IconBox, braces: IconBraces,
  'brand-telegram': IconBrandTelegram, briefcase: IconBriefcase, 'building-bank': IconBuildingBank, calculator: IconCalculator,
  calendar: IconCalendar, 'calendar-event': IconCalendarEvent, camera: IconCamera, cash: IconCash,
  'cash-banknote': IconCashBanknote, certificate: IconCertificate, 'chart-bar': IconChartBar, checklist: IconChecklist,
  'circle-check': IconCircleCheck, 'circle-dashed': IconCircleDashed, 'clipboard-check': IconClipboardCheck,
  'clipboard-list': IconClipboardList, clock: IconClock, 'clock-hour-4': IconClockHour4, cloud: IconCloud, code: IconCode,
  coin: IconCoin, cpu: IconCpu, 'credit-card': IconCreditCard, database: IconDatabase, 'database-import': IconDatabaseImport,
  'database-search': IconDatabaseSearch, 'device-floppy': IconDeviceFloppy, diamond: IconDiamond, eye: IconEye, file: IconFile,
  'file-analytics': IconFileAnalytics, 'file-certificate': IconFileCertificate, 'file-check': IconFileCheck,
  'file-code': IconFileCode, 'file-description': IconFileDescription, 'file-diff': IconFileDiff, 'file-export': IconFileExport,
  'file-import': IconFileImport, 'file-invoice': IconFileInvoice, 'file-search': IconFileSearch, 'file-text': IconFileText,
  'file-text-ai': IconFileTextAi, 'file-type-csv': IconFileTypeCsv, 'file-type-pdf': IconFileTypePdf,
  'file-type-xml': IconFileTypeXml, 'file-zip': IconFileZip, files: IconFiles, filter: IconFilter, fingerprint: IconFingerprint,
  flag: IconFlag, flask: IconFlask, folder: IconFolder, gauge: IconGauge, gavel: IconGavel, 'git-branch': IconGitBranch,
  hash: IconHash, home: IconHome, hourglass: IconHourglass, 'http-get': IconHttpGet, 'http-post': IconHttpPost, id: IconId,
  inbox: IconInbox, key: IconKey, language: IconLanguage, link: IconLink, 'list-check': IconListCheck,
  'list-details': IconListDetails, lock: IconLock, mail: IconMail, 'mail-opened': IconMailOpened, map: IconMap,
  'map-pin': IconMapPin, message: IconMessage, 'message-2': IconMessage2, notebook: IconNotebook, notes: IconNotes,
  paperclip: IconPaperclip, percentage: IconPercentage, phone: IconPhone, photo: IconPhoto, 'player-play': IconPlayerPlay,
  plug: IconPlug, printer: IconPrinter, puzzle: IconPuzzle, qrcode: IconQrcode, receipt: IconReceipt, refresh: IconRefresh,
  repeat: IconRepeat, report: IconReport, 'report-money': IconReportMoney, robot: IconRobot, 'rubber-stamp': IconRubberStamp,
  scale: IconScale, scan: IconScan, search: IconSearch, send: IconSend, server: IconServer, settings: IconSettings,
  shield: IconShield, 'shield-check': IconShieldCheck, 'shield-lock': IconShieldLock, signature: IconSignature,
  sitemap: IconSitemap, 'sort-ascending': IconSortAscending, table: IconTable, tag: IconTag, 'terminal-2': IconTerminal2,
  'test-pipe': IconTestPipe, ticket: IconTicket, tool: IconTool, transform: IconTransform, truck: IconTruck, upload: IconUpload,
  user: IconUser, users: IconUsers, variable: IconVariable, webhook: IconWebhook, world: IconWorld,
  'world-search': IconWorldSearch, 'world-www': IconWorldWww, writing: IconWriting, 'writing-sign': IconWritingSign,
};

const BY_KIND: Readonly<Record<NodeKind, TablerIcon>> = {
  start_event: IconPlayerPlay,
  end_event: IconHome,
  service_task: IconBox,
  script_task: IconBraces,
  user_task: IconUser,
  decision_task: IconTable,
  call_activity: IconExternalLink,
  sub_process: IconBoxMultiple,
  exclusive_gateway: IconX,
  inclusive_gateway: IconCircle,
  parallel_gateway: IconPlus,
  event_gateway: IconPentagon,
  timer_event: IconClock,
  message_event: IconMail,
  compensation_event: IconPlayerTrackPrev,
  boundary_event: IconBolt,
};

export interface NodeIconProps {
  kind: NodeKind;
  type: NodeType | undefined;
  size: number;
}

/** The icon of a step: its node type's, or its kind's. */
export function NodeIcon({ kind, type, size }: NodeIconProps) {
  const icon = type === undefined ? BY_KIND[kind] : (BY_NAME[type.icon] ?? IconBox);
  return createElement(icon, { size, stroke: 1.75, 'aria-hidden': true });
}
