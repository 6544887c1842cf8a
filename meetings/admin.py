"""What the admin has of meetings; how each looks is in ``meetings.desk``."""

from django.contrib import admin

from meetings.desk import ledger_admin, webhook_admin
from meetings.desk.meeting_admin import MeetingAdmin
from meetings.models import (
    AudioChunk,
    ConflictingChunk,
    Meeting,
    Segment,
    SegmentEdit,
    StageResult,
    StageRevision,
    WebhookDelivery,
    WebhookEndpoint,
)

admin.site.register(Meeting, MeetingAdmin)
admin.site.register(AudioChunk, ledger_admin.AudioChunkAdmin)
admin.site.register(ConflictingChunk, ledger_admin.ConflictingChunkAdmin)
admin.site.register(Segment, ledger_admin.SegmentAdmin)
admin.site.register(SegmentEdit, ledger_admin.SegmentEditAdmin)
admin.site.register(StageResult, ledger_admin.StageResultAdmin)
admin.site.register(StageRevision, ledger_admin.StageRevisionAdmin)
admin.site.register(WebhookEndpoint, webhook_admin.WebhookEndpointAdmin)
admin.site.register(WebhookDelivery, webhook_admin.WebhookDeliveryAdmin)
