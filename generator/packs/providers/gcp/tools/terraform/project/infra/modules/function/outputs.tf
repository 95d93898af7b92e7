output "name" {
  value = google_cloudfunctions2_function.this.name
}

output "uri" {
  description = "Where Cloud Run serves it"
  value       = google_cloudfunctions2_function.this.service_config[0].uri
}

output "member" {
  description = "The account that it runs as, as policies name it"
  value       = google_service_account.this.member
}
